"""Metadata: words that partners keep with objects of their own."""
