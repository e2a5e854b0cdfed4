"""Silver's edges: its audit against the ledger, and its place in Dagster."""
