"""Develop: benchmarks and generated files."""
