"""The second wall: what the database refuses whatever the application asks for, put up after every migration.

The application's role reads and appends; what it may change or remove beside that is named here, column by column.
A partner's reader has a role of its own, under which row-level security shows the rows of that partner only.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.events.feed import STREAMED
from ledger.kernel.record import Record, columns
from ledger.kernel.sql import APP_ROLE, PARTNER_ROLE
from ledger.records.acknowledgements import AcknowledgedWatermark
from ledger.records.books import Book, BookHead, JournalBatch
from ledger.records.calendars import BookCalendar, OperatingPeriod
from ledger.records.imports import ImportedFile, UnfinishedImport
from ledger.records.insights import InsightCell, InsightRelease
from ledger.records.partners import ApiKey, ApiKeyGrant, Customer
from ledger.records.quarantined_rows import LakeQuarantine, QuarantinedMapping, QuarantinedRow
from ledger.records.requests import AnsweredRequest, RequestAnswer
from ledger.records.subjects import KeyGeneration, SubjectKey, SubjectName
from ledger.records.transfers import OpenHold, TransferTag


class Changes(NamedTuple):
    """What the application may change of a table's rows: the columns that it may update, and whether rows may go."""

    columns: tuple[str, ...] = ()
    deletes: bool = False


CHANGES: Final[dict[type[Record], Changes]] = {
    BookHead: Changes(("last_seq", "last_hash", "last_recorded_at", "closed_until_on", "imported_until_at")),
    AcknowledgedWatermark: Changes(("seq", "chain_hash", "versions", "acknowledged_at")),
    ApiKey: Changes(("revoked_at",)),
    OpenHold: Changes(deletes=True),
    UnfinishedImport: Changes(deletes=True),
    SubjectKey: Changes(("wrapped_key", "generation", "forgotten_at")),
    SubjectName: Changes(("token", "generation"), deletes=True),
    KeyGeneration: Changes(("retired_at", "destroyed_at")),
    QuarantinedRow: Changes(
        (
            "mapping_sha256",
            "row",
            "rule",
            "reason",
            "state",
            "settled_at",
            "settled_by",
            "settled_seq",
            "settled_reason",
        )
    ),
    LakeQuarantine: Changes(deletes=True),
}
"""What the application may do beside reading and appending; every table that is not here is append-only."""

RECORDS: Final[tuple[type[Record], ...]] = (
    *STREAMED,
    Book,
    TransferTag,
    AnsweredRequest,
    ImportedFile,
    QuarantinedMapping,
    *CHANGES,
)
"""Every table behind the wall."""

_OPEN: Final[frozenset[type[Record]]] = frozenset(
    {Book, BookCalendar, BookHead, JournalBatch, OperatingPeriod, InsightRelease, InsightCell}
)
"""What belongs to no partner and is the same for all of them: a partner's reader may read it."""

_UNREAD: Final = frozenset({ApiKey, ApiKeyGrant, RequestAnswer})
"""Of a tenant, and yet nothing that a partner's reader asks for."""

_READINGS_RECORDED: Final = frozenset({Customer})
"""Whose personal columns are read by a flow that records the reading, and by no partner's reader."""


def stands(connection: sa.Connection) -> bool:
    """Whether the application's role may read here: a restored database has tables without any rights."""
    query = sa.text(
        f"SELECT to_regclass('books') IS NOT NULL AND has_table_privilege('{APP_ROLE}', 'books', 'SELECT')"
    )  # a constant of ours
    return bool(connection.execute(query).scalar_one())


def put_up(connection: sa.Connection) -> None:
    """Give every table its rights, its trigger and its policy, whatever it had before."""
    for statement in (*_GROUND, *(statement for record in RECORDS for statement in _statements(record))):
        connection.exec_driver_sql(statement)


def is_tenants(record: type[Record]) -> bool:
    """Whether its rows belong to partners."""
    return not {"partner_id", "partner_no"}.isdisjoint(column.name for column in columns(record))


def _statements(record: type[Record]) -> Iterator[str]:
    table, changes = record.TABLE, CHANGES.get(record, Changes())
    yield f"REVOKE ALL ON {table} FROM PUBLIC, {APP_ROLE}, {PARTNER_ROLE}"
    yield f"GRANT SELECT, INSERT{', DELETE' if changes.deletes else ''} ON {table} TO {APP_ROLE}"
    if changes.columns:
        yield f"GRANT UPDATE ({', '.join(changes.columns)}) ON {table} TO {APP_ROLE}"
    if record in _OPEN or (is_tenants(record) and record not in _UNREAD):
        shown = ", ".join(_shown(record))
        yield f"GRANT SELECT ({shown}) ON {table} TO {PARTNER_ROLE}"
    if record not in CHANGES:
        yield (
            f"CREATE OR REPLACE TRIGGER only_append BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    if is_tenants(record):
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"DROP POLICY IF EXISTS own ON {table}"
        yield f"CREATE POLICY own ON {table} FOR SELECT TO {PARTNER_ROLE} USING ({_own(record)})"


def _shown(record: type[Record]) -> Iterator[str]:
    return (c.name for c in columns(record) if not (c.col.pii and record in _READINGS_RECORDED))


def _own(record: type[Record]) -> str:
    """Which rows are the partner's: by its id; or by its number, with what touches one of its accounts.

    Written so that no index serves it: what is asked for by key is found by that key. The scope is read, and its
    proof made again, once per statement; where either is absent nothing is true.
    """
    names = {column.name for column in columns(record)}
    if "partner_id" in names:
        return f"(partner_id = {_scope(1, 'uuid')}) IS TRUE"
    by_number = f"(partner_no = {_scope(2, 'integer')} AND book_id = {_scope(3, 'integer')}) IS TRUE"
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


def _scope(place: int, kind: str) -> str:
    return f"(SELECT (narrowed())[{place}]::{kind})"


_GROUND: Final = (
    f"GRANT SELECT ON alembic_version TO {APP_ROLE}",
    f"GRANT SELECT ON entries TO {APP_ROLE}, {PARTNER_ROLE}",
    """
    CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the journal is append-only: %% of %% is refused', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END $$
    """,
    *Path(__file__).with_name("narrowing.sql").read_text().split("\n\n")[1:],
)
