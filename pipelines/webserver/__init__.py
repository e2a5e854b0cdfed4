"""Dagster's web UI behind a login: only users of the home can open it, and no other site's page can control it."""
