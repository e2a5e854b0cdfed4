"""Verification: everything that is stored is derived again and compared."""
