"""Bulks: columns of transfers to be posted, checked and turned into orders."""
