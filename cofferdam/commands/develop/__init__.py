"""Develop: benchmarks, and files that follow from the code."""
