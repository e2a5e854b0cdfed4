"""The lake: Delta tables that hold every fact of the ledger, and what may be said about them."""
