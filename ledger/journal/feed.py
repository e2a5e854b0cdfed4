"""The feed: reads the journal by position, as rows of each record that the lake holds."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from ledger.journal.journal import driver
from ledger.kernel.ids import BookId
from ledger.kernel.record import Column, Record, columns
from ledger.kernel.tuples import fields, split_stream

_ROWS_MAX: Final = 20_000
"""Maximum number of row tuples in memory: one connection runs one COPY at a time, so that each is read to its end."""
_END: Final = (1 << 63) - 1


def copy_csv(
    connection: sa.Connection, record: type[Record], book_id: BookId, *, after: int, upto: int
) -> Iterator[bytes]:
    """Yield the rows with after < seq <= upto in order of position, as PostgreSQL's CSV without a header.

    Columns are in record order, without withheld ones; instants are microseconds since 1970, bytes are hex text, null
    is an unquoted empty field.
    """
    query = f"COPY ({_rows(record, book_id, _csv_expression, after=after, upto=upto)}) TO STDOUT (FORMAT CSV)"
    with driver(connection).cursor().copy(query) as copy:
        yield from (bytes(chunk) for chunk in copy)


def rows_query(record: type[Record], book_id: BookId, *, after: int, upto: int) -> str:
    """Return the query of the same rows for readers of columns: ids and bytes as text, the rest in its own type."""
    return _rows(record, book_id, _plain_expression, after=after, upto=upto)


def row_tuples(
    connection: sa.Connection, record: type[Record], book_id: BookId, *, after: int = 0, upto: int = _END
) -> Iterator[tuple[int, bytes]]:
    """Yield position and row tuple of every row with after < seq <= upto, in order; leaves are hashes of them."""
    names = [column.name for column in columns(record)]
    place = names.index("seq")
    while True:
        query = (
            f"COPY (SELECT {', '.join(names)} FROM {record.TABLE} WHERE book_id = {int(book_id)} "  # noqa: S608  # names of the record, ints
            f"AND seq > {int(after)} AND seq <= {int(upto)} ORDER BY seq LIMIT {_ROWS_MAX}) TO STDOUT (FORMAT BINARY)"
        )
        with driver(connection).cursor().copy(query) as copy:
            rows = list(split_stream(bytes(chunk) for chunk in copy))
        for row in rows:
            after = int.from_bytes(next(islice(fields(row), place, None)) or b"")
            yield after, row
        if len(rows) < _ROWS_MAX:
            return


def cluster_id(connection: sa.Connection) -> str:
    """Return PostgreSQL's system identifier: a lake belongs to the cluster that first wrote to it."""
    return str(connection.execute(sa.text("SELECT system_identifier FROM pg_control_system()")).scalar_one())


def _rows(record: type[Record], book_id: BookId, shown: Callable[[Column], str], *, after: int, upto: int) -> str:
    """Build the query from names of the record and from integers, because COPY takes no parameters."""
    chosen = ", ".join(f"{shown(column)} AS {column.name}" for column in columns(record) if not column.col.withheld)
    return (
        f"SELECT {chosen} FROM {record.TABLE} WHERE book_id = {int(book_id)} "  # noqa: S608  # see above
        f"AND seq > {int(after)} AND seq <= {int(upto)} ORDER BY seq"
    )


def _csv_expression(column: Column) -> str:
    if column.storage is datetime:
        return f"(extract(epoch FROM {column.name}) * 1000000)::bigint"
    if column.storage is date:
        return f"to_char({column.name}, 'YYYY-MM-DD')"
    return column.name if column.storage is UUID else _plain_expression(column)


def _plain_expression(column: Column) -> str:
    if column.storage is bytes:
        return f"encode({column.name}, 'hex')"
    return f"{column.name}::text" if column.storage is UUID else column.name
