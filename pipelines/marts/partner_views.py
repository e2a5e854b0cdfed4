"""Partner views: each mart with a partner's rows, as a view that shows those of one partner only.

The partner is a variable of the session, so that the same statements answer for any of them. The views filter, and
protect nothing: who holds the file can read all of it.
"""

from typing import Final

import duckdb

OWN: Final = "own"
"""The schema of the views; they have the names of the marts."""

_OWNED: Final = """
    SELECT schema_name, table_name FROM duckdb_columns()
    WHERE column_name = 'partner_id' AND schema_name IN ('partner', 'finance', 'regulatory') AND NOT internal
    ORDER BY table_name
"""


def create_partner_views(warehouse: duckdb.DuckDBPyConnection) -> list[str]:
    """Create a view of each mart that has a `partner_id`, over the rows of the partner that the session names.

    `SET VARIABLE partner = 'harbor-goods'` names it, by its reference; until then the views are empty. Returns the
    names of the marts.
    """
    warehouse.execute(f"CREATE SCHEMA IF NOT EXISTS {OWN}")
    owned = warehouse.execute(_OWNED).fetchall()
    for schema, mart in owned:
        warehouse.execute(f"""
            CREATE OR REPLACE VIEW {OWN}.{mart} AS SELECT * FROM {schema}.{mart} WHERE (book_id, partner_id) IN (
                SELECT (book_id, partner_id) FROM finance.dim_partner WHERE partner_ref = getvariable('partner')
            )""")  # noqa: S608  # names of the catalogue
    return [mart for _, mart in owned]
