"""Silver outside of the worker: its audit against the ledger, its refresh and rebuild, and its checks in Dagster."""
