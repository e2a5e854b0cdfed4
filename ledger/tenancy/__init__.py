"""Tenancy: books, the partners in them, their customers, their keys, and requests that are answered once."""
