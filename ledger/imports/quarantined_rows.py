"""Reads quarantined rows: by their book, their file, their ids, and their state."""

from collections.abc import Collection, Sequence
from typing import Any, Final

import sqlalchemy as sa

from ledger.imports.records import QuarantinedMapping, QuarantinedRow, RowState
from ledger.kernel.ids import BookId
from ledger.kernel.record import columns
from ledger.kernel.sql import table
from ledger.vault.records import SubjectId

_QUARANTINED_MAPPINGS: Final = table(QuarantinedMapping)
_QUARANTINED_ROWS: Final = table(QuarantinedRow)

PLAIN: Final = tuple(column.name for column in columns(QuarantinedRow) if not column.col.pii)
"""The columns without personal data, which every user who may list rows can see."""

_Rows = Sequence[sa.Row[Any]]


def listed_rows(
    connection: sa.Connection,
    book_id: BookId,
    state: RowState | None = None,
    *,
    row_ids: Collection[SubjectId] | None = None,
) -> _Rows:
    """Read the rows of a book with their `PLAIN` columns, by arrival and by position in their files.

    `state` and `row_ids` filter them; None means any.
    """
    quarantined_rows = _QUARANTINED_ROWS.c
    query = _of_book(book_id, PLAIN).order_by(
        quarantined_rows.quarantined_at, quarantined_rows.file, quarantined_rows.file_sha256, quarantined_rows.line
    )
    query = query if state is None else query.where(quarantined_rows.state == state)
    return connection.execute(query if row_ids is None else query.where(_one_of(row_ids))).all()


def sealed_rows(connection: sa.Connection, book_id: BookId, row_ids: Collection[SubjectId]) -> _Rows:
    """Read the waiting ones among these rows with their sealed text `row`, in no order."""
    query = _of_book(book_id, ("row_id", "row", "mapping", "mapping_sha256"))
    return connection.execute(query.where(_one_of(row_ids), _QUARANTINED_ROWS.c.state == RowState.WAITING)).all()


def sealed_mapping(connection: sa.Connection, book_id: BookId, mapping_sha256: bytes) -> str:
    """Return the sealed text of the mapping that imported the rows."""
    quarantined_mappings = _QUARANTINED_MAPPINGS.c
    query = sa.select(quarantined_mappings.declaration).where(
        quarantined_mappings.book_id == book_id, quarantined_mappings.mapping_sha256 == mapping_sha256
    )
    text: str = connection.execute(query).scalar_one()
    return text


def rows_of_file(connection: sa.Connection, book_id: BookId, file_sha256: bytes) -> _Rows:
    """Read the rows of a file by its content hash, in any state, with their origin."""
    query = _of_book(book_id, ("row_id", "line", "mapping", "partner", "is_imported", "state"))
    return connection.execute(query.where(_QUARANTINED_ROWS.c.file_sha256 == file_sha256)).all()


def settled_ids(connection: sa.Connection, book_id: BookId) -> list[SubjectId]:
    """Return the ids of the rows that are no longer waiting."""
    query = _of_book(book_id, ("row_id",)).where(_QUARANTINED_ROWS.c.state != RowState.WAITING)
    return list(connection.execute(query).scalars())


def count_waiting(connection: sa.Connection, book_id: BookId) -> int:
    """Count the waiting rows of a book."""
    query = _of_book(book_id, ("row_id",)).where(_QUARANTINED_ROWS.c.state == RowState.WAITING)
    return connection.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()


def _of_book(book_id: BookId, names: Sequence[str]) -> sa.Select[Any]:
    quarantined_rows = _QUARANTINED_ROWS.c
    return sa.select(*(quarantined_rows[name] for name in names)).where(quarantined_rows.book_id == book_id)


def _one_of(row_ids: Collection[SubjectId]) -> sa.ColumnElement[bool]:
    ids = sa.bindparam("row_ids", list(row_ids), type_=sa.ARRAY(sa.Uuid()))
    return _QUARANTINED_ROWS.c.row_id == sa.func.any(ids)
