"""Insights across partners: finds due months, and releases each once."""
