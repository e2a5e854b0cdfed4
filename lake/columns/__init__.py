"""Columns between Arrow and plain Python values."""
