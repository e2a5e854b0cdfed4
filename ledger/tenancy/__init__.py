"""Tenancy: books, their partners and customers, API keys, and requests that are answered once."""
