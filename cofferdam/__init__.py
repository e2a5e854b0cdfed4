"""The one command: it composes the ledger, the lake, the pipelines and the API, and keeps them running."""
