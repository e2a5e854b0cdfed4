"""Audits: derive again everything that the book stores, and name what differs."""
