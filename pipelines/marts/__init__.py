"""Marts: from one snapshot of the lake, by dbt, into a warehouse that is replaced whole."""
