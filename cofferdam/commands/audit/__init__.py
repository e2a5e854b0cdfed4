"""Audit: derive again, prove, and follow a figure to its facts."""
