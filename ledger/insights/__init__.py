"""Insights across partners: the privacy budget, and what was released for it."""
