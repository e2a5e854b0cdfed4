"""Retention: erases personal data after the duty to keep it has ended."""
