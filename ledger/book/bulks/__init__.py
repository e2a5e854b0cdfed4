"""Bulks: columns of wanted transfers, checked and turned into orders."""
