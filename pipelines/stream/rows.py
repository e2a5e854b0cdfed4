"""Rows of the feed as Arrow tables, with exact types and without floats.

Two ways, chosen by measurement: a COPY on the stream's own connection takes a millisecond for the few rows of a tick;
for a long range ConnectorX decodes PostgreSQL's binary rows into columns at twice the speed, but opens a connection
each time, which takes some 15 ms.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, NamedTuple

import connectorx
import pyarrow as pa
import pyarrow.csv as pa_csv
import sqlalchemy as sa

from lake.schema import arrow_schema
from ledger.journal.feed import copy_csv, rows_query
from ledger.journal.journal import driver
from ledger.kernel.ids import BookId
from ledger.kernel.record import Record

LONG: Final = 10_000
"""The number of positions from which a range is fetched as columns."""

_log = logging.getLogger("cofferdam.stream")


class RecordRange(NamedTuple):
    """The rows of one record at the positions after < seq <= upto."""

    record: type[Record]
    after: int
    upto: int


class RowReader:
    """Reads the rows of one book, and can prefetch the next range while the last one is written."""

    def __init__(self, url: sa.URL, book_id: BookId) -> None:
        self._url: Final = columnar_url(url)
        self._book_id: Final = book_id
        self._ahead: Final = ThreadPoolExecutor(1, thread_name_prefix="fetch")
        self._expected: tuple[RecordRange, Future[pa.Table]] | None = None
        self._is_columnar = True

    def expect(self, span: RecordRange) -> None:
        """Begin to prefetch a long range; a short one does not pay."""
        if self._is_columnar and span.upto - span.after >= LONG:
            self._expected = span, self._ahead.submit(read_columns, self._url, self._book_id, span)

    def read(self, connection: sa.Connection, span: RecordRange) -> pa.Table:
        """Return the rows in order of position, in the schema of their Delta table."""
        expected = self._taken(span)
        if self._is_columnar and span.upto - span.after >= LONG:
            try:
                return expected.result() if expected else read_columns(self._url, self._book_id, span)
            except RuntimeError as fault:  # it supports fewer ways to connect than PostgreSQL's own library
                self._is_columnar = False
                _log.warning("columns cannot be fetched, rows are copied instead: %s", str(fault).split("\n", 1)[0])
        return read_rows(connection, self._book_id, span)

    def _taken(self, span: RecordRange) -> Future[pa.Table] | None:
        """Return the prefetched rows of the span; drops any other prefetched rows of the record."""
        if self._expected is None or self._expected[0].record is not span.record:
            return None
        (expected, fetched), self._expected = self._expected, None
        if expected == span:
            return fetched
        fetched.cancel()
        return None


def read_rows(connection: sa.Connection, book_id: BookId, span: RecordRange) -> pa.Table:
    """Return the rows by COPY, in order of position, in the schema of their Delta table."""
    schema = arrow_schema(span.record)
    text = b"".join(copy_csv(connection, span.record, book_id, after=span.after, upto=span.upto))
    if not text:
        return schema.empty_table()
    table = pa_csv.read_csv(
        pa.py_buffer(text),
        read_options=pa_csv.ReadOptions(column_names=schema.names),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(
            column_types={field.name: _as_read(field.type) for field in schema},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,  # PostgreSQL quotes the empty text, and never null
            true_values=["t"],
            false_values=["f"],
        ),
    )
    return table.cast(schema)


def read_columns(url: str, book_id: BookId, span: RecordRange) -> pa.Table:
    """Return the same rows as columns, on a connection of its own. Raises `RuntimeError` if it cannot connect."""
    query = rows_query(span.record, book_id, after=span.after, upto=span.upto)
    table: pa.Table = connectorx.read_sql(url, query, return_type="arrow")
    return table.cast(arrow_schema(span.record))


def columnar_url(url: sa.URL) -> str:
    """Return the URL for ConnectorX: a socket's folder is in the query, and a host is named all the same."""
    known = url.set(drivername="postgresql", host=url.host or "localhost")
    return known.render_as_string(hide_password=False)


class RowFinder:
    """Finds the records of a book with rows in a span, in one round trip."""

    def __init__(self, records: Sequence[type[Record]], book_id: BookId) -> None:
        self._records: Final = records
        self._book_id: Final = book_id
        within = "WHERE book_id = %s AND seq > %s AND seq <= %s"
        asked = [f"EXISTS (SELECT 1 FROM {record.TABLE} {within})" for record in records]  # noqa: S608  # names of records
        self._query: Final = "SELECT " + ", ".join(asked)

    def with_rows(self, connection: sa.Connection, after: dict[type[Record], int], *, upto: int) -> list[type[Record]]:
        """Return the records that have a row after their own position, up to `upto`."""
        values = [value for record in self._records for value in (self._book_id, after[record], upto)]
        row = driver(connection).execute(self._query.encode(), values).fetchone()
        assert row is not None, "the query returns one row"
        return [record for record, there in zip(self._records, row, strict=True) if there]


def _as_read(stored: pa.DataType) -> pa.DataType:
    return pa.int64() if pa.types.is_timestamp(stored) else stored
