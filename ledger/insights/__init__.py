"""Insights across partners: the privacy budget, and the releases that it paid for."""
