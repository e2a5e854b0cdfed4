"""Privacy: personal data, forgetting, legal holds, vault keys."""
