"""Audit: derive again, prove, and trace a figure to its facts."""
