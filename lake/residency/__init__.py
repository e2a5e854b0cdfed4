"""Residency: the assignment of books to roots of the lake, and the claims that prove it."""
