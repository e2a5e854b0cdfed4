"""The history of the schema: one alembic revision per change, applied in order, never edited afterwards."""
