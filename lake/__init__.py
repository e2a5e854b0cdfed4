"""The lake: Delta tables with every fact of the ledger, and the private statistics that are computed from them."""
