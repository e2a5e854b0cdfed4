"""Imports: their steps, their turns with releases, and the quarantine of rows that were not taken."""
