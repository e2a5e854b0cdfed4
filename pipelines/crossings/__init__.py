"""Crossings in Dagster: carried on each hour, and added up each night."""
