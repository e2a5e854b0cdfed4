"""Digests: all rows of a bronze table with all columns as one number, computed alike by ledger and lake.

The digest of a table is the sum of its rows' digests: it ignores the order of rows, and notices a duplicate. The digest
of a row is a prefix of the MD5 of its columns as text: it finds accidents, and does not protect against forged rows,
as the chain does.
"""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from lake.schema import lake_columns
from ledger.kernel.record import Column, Record

_BETWEEN, _NULL = "chr(31)", "chr(30)"
_HEX_DIGITS: Final = 15  # 60 bits, which fit in a bigint of both databases


def ledger_digest(record: type[Record]) -> str:
    """Return the query for PostgreSQL: rows and digest, with the placeholders `book_id` and `upto`."""
    texts = ", ".join(f"coalesce({_in_ledger(column)}, {_NULL})" for column in _compared(record))
    row = f"('x' || left(md5(concat_ws({_BETWEEN}, {texts})), {_HEX_DIGITS}))::bit({4 * _HEX_DIGITS})::bigint"
    return _statement(record, row)


def lake_digest(record: type[Record]) -> str:
    """Return the same query for DuckDB."""
    texts = ", ".join(f"coalesce({_in_lake(column)}, {_NULL})" for column in _compared(record))
    return _statement(record, f"CAST('0x' || left(md5(concat_ws({_BETWEEN}, {texts})), {_HEX_DIGITS}) AS bigint)")


def _statement(record: type[Record], row: str) -> str:
    return (
        f"SELECT 'as digest', count(*), coalesce(sum({row}), 0) FROM {record.TABLE} "  # noqa: S608  # names of the record
        "WHERE book_id = {book_id} AND seq <= {upto}"
    )


def _compared(record: type[Record]) -> list[Column]:
    """Return all columns except the book's number, which can differ in a warehouse of several servers."""
    return [column for column in lake_columns(record) if column.name != "book_id"]


def _in_ledger(column: Column) -> str:
    if column.storage is datetime:
        return f"(extract(epoch FROM {column.name}) * 1000000)::bigint::text"
    if column.storage is date:
        return f"to_char({column.name}, 'YYYY-MM-DD')"
    if column.storage is bytes:
        return f"encode({column.name}, 'hex')"
    return column.name if column.storage is str else f"{column.name}::text"


def _in_lake(column: Column) -> str:
    if column.storage is datetime:
        return f"CAST(epoch_us({column.name}) AS varchar)"
    if column.storage is date:
        return f"strftime({column.name}, '%Y-%m-%d')"
    return column.name if column.storage in (str, bytes, UUID) else f"CAST({column.name} AS varchar)"
