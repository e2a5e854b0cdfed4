"""Verification: derives everything that is stored again, and compares."""
