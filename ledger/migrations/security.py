"""Database security: the limits that the database enforces whatever the application does, applied after each migration.

The application's role reads and appends; what else it may change or remove is named here, column by column. A partner's
reader has a role of its own, for which row-level security shows only the rows of that partner. An operator's reader has
one that sees the rows of every partner and no secret, and that may change nothing: what operators change, use cases
write in the application's role.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from ledger.kernel.record import Record, columns
from ledger.kernel.rights import Changes, Readers
from ledger.kernel.sql import APP_ROLE, OPERATOR_ROLE, PARTNER_ROLE
from ledger.records import RECORDS


def stands(connection: sa.Connection) -> bool:
    """Return whether the application's role may read here; in a restored database, no role has any rights."""
    query = sa.text(
        f"SELECT to_regclass('books') IS NOT NULL AND has_table_privilege('{APP_ROLE}', 'books', 'SELECT')"
    )  # a constant of ours
    return bool(connection.execute(query).scalar_one())


def apply_security(connection: sa.Connection) -> None:
    """Give every table its rights, its trigger and its policy, whatever it had before."""
    for statement in (*_GROUND, *(statement for record in RECORDS for statement in _statements(record))):
        connection.exec_driver_sql(statement)


def belongs_to_partner(record: type[Record]) -> bool:
    """Return whether the rows of a record belong to partners."""
    return not {"partner_id", "partner_no"}.isdisjoint(column.name for column in columns(record))


def _statements(record: type[Record]) -> Iterator[str]:
    table, changes = record.TABLE, record.CHANGES or Changes()
    yield f"REVOKE ALL ON {table} FROM PUBLIC, {APP_ROLE}, {PARTNER_ROLE}, {OPERATOR_ROLE}"
    yield f"GRANT SELECT, INSERT{', DELETE' if changes.deletes else ''} ON {table} TO {APP_ROLE}"
    if changes.columns:
        yield f"GRANT UPDATE ({', '.join(changes.columns)}) ON {table} TO {APP_ROLE}"
    if record.READERS == Readers.ALL or (record.READERS == Readers.OWN and belongs_to_partner(record)):
        shown = ", ".join(_shown(record))
        yield f"GRANT SELECT ({shown}) ON {table} TO {PARTNER_ROLE}"
    if open_to_operators := ", ".join(name for name in _shown(record) if name not in _SECRETS):
        yield f"GRANT SELECT ({open_to_operators}) ON {table} TO {OPERATOR_ROLE}"
    if record.CHANGES is None:
        yield (
            f"CREATE OR REPLACE TRIGGER only_append BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    if belongs_to_partner(record):
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"DROP POLICY IF EXISTS own ON {table}"
        yield f"CREATE POLICY own ON {table} FOR SELECT TO {PARTNER_ROLE} USING ({_own(record)})"
        yield f"DROP POLICY IF EXISTS every ON {table}"
        yield f"CREATE POLICY every ON {table} FOR SELECT TO {OPERATOR_ROLE} USING (true)"


def _shown(record: type[Record]) -> Iterator[str]:
    return (c.name for c in columns(record) if not (c.col.pii and record.ACCESS_IS_RECORDED))


_SECRETS: Final = frozenset({"key_hash", "session_hash", "wrapped_key", "token"})
"""Columns that no operator's reader sees: hashes of secrets, and the vault's wrapped keys."""


def _own(record: type[Record]) -> str:
    """Return the condition for a partner's rows: by its id; or by its number, or that of one of its accounts.

    Written so that no index serves it: a query by key uses the index of that key. The scope is read, and its proof
    checked, once for each mention of the table; if either is missing, no row matches.
    """
    names = {column.name for column in columns(record)}
    if "partner_id" in names:
        return "(partner_id = (SELECT (narrowed())[1]::uuid)) IS TRUE"
    by_number = """
        ((partner_no, book_id) = (
            SELECT own[2]::integer, own[3]::integer FROM (SELECT narrowed() OFFSET 0) AS scope (own)
        )) IS TRUE
    """
    if "debit_account_no" not in names:
        return by_number
    return f"""
        {by_number}
        OR EXISTS (
            SELECT FROM accounts own
            WHERE own.book_id = {record.TABLE}.book_id
              AND own.account_no IN ({record.TABLE}.debit_account_no, {record.TABLE}.credit_account_no)
        )
    """  # the names of records and columns


_GROUND: Final = (
    f"GRANT SELECT ON alembic_version TO {APP_ROLE}",
    f"GRANT SELECT ON entries TO {APP_ROLE}, {PARTNER_ROLE}, {OPERATOR_ROLE}",
    """
    CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the journal is append-only: %% of %% is refused', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END $$
    """,
    *Path(__file__).with_name("narrowing.sql").read_text().split("\n\n")[1:],
)
