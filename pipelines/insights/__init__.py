"""Insights across partners: which months are due, and their release, once each."""
