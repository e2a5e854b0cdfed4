"""The runtime of an installation: its home, its processes, and the embedded PostgreSQL server."""
