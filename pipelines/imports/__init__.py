"""Imports: load history from files by a declared mapping, through the same judge and posting path as live traffic."""
