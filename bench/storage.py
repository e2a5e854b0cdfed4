"""Storage: measures the size of a database's tables with their indexes."""

import psycopg


def stored_bytes(url: str) -> int:
    """Return the bytes of all tables with their indexes, after a vacuum and a checkpoint."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
        row = connection.execute(
            """
            SELECT sum(pg_total_relation_size(oid)) FROM pg_class
            WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
            """
        ).fetchone()
    assert row is not None
    return int(row[0])
