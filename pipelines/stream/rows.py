"""Rows of the feed as Arrow tables: exact types all the way, and no float anywhere."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.csv as pa_csv
import sqlalchemy as sa

from lake.schema import arrow_schema
from ledger.events.feed import copy_csv
from ledger.kernel.ids import BookId
from ledger.kernel.record import Record


def read_rows(connection: sa.Connection, record: type[Record], book_id: BookId, *, after: int, upto: int) -> pa.Table:
    """The record's rows with after < seq <= upto, in order of position, in the schema of its Delta table."""
    schema = arrow_schema(record)
    text = b"".join(copy_csv(connection, record, book_id, after=after, upto=upto))
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


def tables_with_rows(
    connection: sa.Connection, book_id: BookId, spans: Sequence[tuple[type[Record], int]], *, upto: int
) -> set[type[Record]]:
    """Which of the records have a row after their own position, up to `upto`; one round trip for all of them."""
    if not spans:
        return set()
    found = connection.execute(sa.select(*(_any_row(record, book_id, after, upto) for record, after in spans))).one()
    return {record for (record, _), there in zip(spans, found, strict=True) if there}


def _any_row(record: type[Record], book_id: BookId, after: int, upto: int) -> sa.Label[bool]:
    rows = sa.table(record.TABLE, sa.column("book_id"), sa.column("seq"))
    newer = sa.select(sa.literal(1)).where(rows.c.book_id == book_id, rows.c.seq > after, rows.c.seq <= upto)
    return sa.exists(newer).label(record.TABLE)


def _as_read(stored: pa.DataType) -> pa.DataType:
    return pa.int64() if pa.types.is_timestamp(stored) else stored
