"""Inter-book transfers in Dagster: resumed every hour, checked to sum to zero every night."""
