"""What is generated from the schema and the operations; the package around it is written by hand."""

VERSION = "2026-11-28"
"""The version of the schema that requests name."""
