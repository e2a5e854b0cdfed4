"""Imports: their steps, their locks against releases, and the quarantine of rejected rows."""
