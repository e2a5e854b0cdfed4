"""Storage: what a database's tables take with their indexes."""

import psycopg


def stored_bytes(url: str) -> int:
    """Bytes of all tables with their indexes, after what is dead was cleared away and all is written out."""
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
