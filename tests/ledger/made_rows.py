"""Rows made from nothing but the declaration of their record, so that a new table is held to the rules at once."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from ledger.kernel.ids import new_id
from ledger.kernel.record import Column, Record, columns
from ledger.kernel.sql import SEALED, table

_VALUES: Final[dict[type, Any]] = {
    bool: True,
    int: 1,
    str: "made",
    bytes: bytes(32),
    date: date(2026, 1, 1),
    datetime: datetime(2026, 1, 1, tzinfo=UTC),
}


def make_row(connection: sa.Connection, record: type[Record], **given: object) -> None:
    """Insert a row of a record as the database's owner: `given` columns, and any value that fits in the others.

    It takes a position behind all others, so that it is in no one's way; it is no fact, and in no batch. Columns that
    may be null are so, unless a check of the table forbids it.
    """
    try:
        with connection.begin_nested():
            _insert(connection, record, given, fills=False)
    except sa.exc.IntegrityError:
        _insert(connection, record, given, fills=True)


def _insert(connection: sa.Connection, record: type[Record], given: Mapping[str, object], *, fills: bool) -> None:
    values = {column.name: None if column.nullable and not fills else _value(column) for column in columns(record)}
    values |= given
    if "seq" in values:
        newest = sa.select(sa.func.coalesce(sa.func.max(table(record).c.seq), 10**9))
        values["seq"] = connection.execute(newest).scalar_one() + 1
    connection.execute(table(record).insert().values(values))


def _value(column: Column) -> object:
    if column.choices:
        return column.choices[0]
    if column.storage is UUID:
        return new_id()
    return f"{SEALED}made" if column.col.pii else _VALUES[column.storage]
