"""Residency: which root of the lake holds which books, and the claims that prove it."""
