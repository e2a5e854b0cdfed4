"""Marts: built by dbt from one snapshot of the lake, and published as one warehouse file."""
