"""Retention: what is personal is forgotten when the duty to keep it has ended."""
