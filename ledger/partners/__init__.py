"""Tenancy: books, the partners in them, their customers, and the keys that partners call with."""
