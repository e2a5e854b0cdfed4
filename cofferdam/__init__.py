"""The command `cofferdam`, which composes the ledger, the lake, the pipelines and the API, and keeps them running."""
