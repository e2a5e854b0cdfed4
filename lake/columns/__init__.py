"""Columns: converted between Arrow and plain Python values."""
