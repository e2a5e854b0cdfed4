"""Metrics of a program for Prometheus: what its processes count, what the ledger's tables tell, and their page."""
