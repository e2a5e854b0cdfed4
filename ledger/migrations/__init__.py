"""The schema's history: one alembic revision per change, applied in order, never edited afterwards."""
