"""The system of record: a double-entry ledger on PostgreSQL that knows nothing of HTTP, Arrow, Delta or Dagster."""
