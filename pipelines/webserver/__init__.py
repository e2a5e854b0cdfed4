"""Dagster's web UI behind a login: who has the home may open it, and no page of another site can drive it."""
