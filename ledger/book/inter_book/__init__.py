"""Transfers between books: the legs of each, and the transit accounts that they pass through."""
