"""Quarantined rows, read: by their book, their file, their ids, and by what became of them."""

from collections.abc import Collection, Sequence
from typing import Any, Final

import sqlalchemy as sa

from ledger.kernel.ids import BookId, SubjectId
from ledger.kernel.record import columns
from ledger.partners.quarantine_tables import QUARANTINED_MAPPINGS, QUARANTINED_ROWS
from ledger.records.quarantined_rows import QuarantinedRow, RowState

PLAIN: Final = tuple(column.name for column in columns(QuarantinedRow) if not column.col.pii)
"""The columns that may be shown to whoever may list."""

_Rows = Sequence[sa.Row[Any]]


def listed_rows(
    connection: sa.Connection,
    book_id: BookId,
    state: RowState | None = None,
    *,
    row_ids: Collection[SubjectId] | None = None,
) -> _Rows:
    """The rows of a book with their `PLAIN` columns, in the order in which they came and stood in their files.

    `state` and `row_ids` narrow them; None stands for any.
    """
    table = QUARANTINED_ROWS.c
    query = _of_book(book_id, PLAIN).order_by(table.quarantined_at, table.file, table.file_sha256, table.line)
    query = query if state is None else query.where(table.state == state)
    return connection.execute(query if row_ids is None else query.where(_one_of(row_ids))).all()


def sealed_rows(connection: sa.Connection, book_id: BookId, row_ids: Collection[SubjectId]) -> _Rows:
    """Those of the rows that wait, with their sealed text `row`; in no order."""
    query = _of_book(book_id, ("row_id", "row", "mapping", "mapping_sha256"))
    return connection.execute(query.where(_one_of(row_ids), QUARANTINED_ROWS.c.state == RowState.WAITING)).all()


def sealed_mapping(connection: sa.Connection, book_id: BookId, mapping_sha256: bytes) -> str:
    """The sealed text of a mapping by which rows came."""
    table = QUARANTINED_MAPPINGS.c
    query = sa.select(table.declaration).where(table.book_id == book_id, table.mapping_sha256 == mapping_sha256)
    text: str = connection.execute(query).scalar_one()
    return text


def rows_of_file(connection: sa.Connection, book_id: BookId, file_sha256: bytes) -> _Rows:
    """The rows of a file, found by its content, whatever became of them; with where they came from."""
    query = _of_book(book_id, ("row_id", "line", "mapping", "partner", "is_imported", "state"))
    return connection.execute(query.where(QUARANTINED_ROWS.c.file_sha256 == file_sha256)).all()


def settled_ids(connection: sa.Connection, book_id: BookId) -> list[SubjectId]:
    """The ids of the rows that wait no more."""
    query = _of_book(book_id, ("row_id",)).where(QUARANTINED_ROWS.c.state != RowState.WAITING)
    return list(connection.execute(query).scalars())


def count_waiting(connection: sa.Connection, book_id: BookId) -> int:
    """How many rows of a book wait."""
    query = _of_book(book_id, ("row_id",)).where(QUARANTINED_ROWS.c.state == RowState.WAITING)
    return connection.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()


def _of_book(book_id: BookId, names: Sequence[str]) -> sa.Select[Any]:
    table = QUARANTINED_ROWS.c
    return sa.select(*(table[name] for name in names)).where(table.book_id == book_id)


def _one_of(row_ids: Collection[SubjectId]) -> sa.ColumnElement[bool]:
    ids = sa.bindparam("row_ids", list(row_ids), type_=sa.ARRAY(sa.Uuid()))
    return QUARANTINED_ROWS.c.row_id == sa.func.any(ids)
