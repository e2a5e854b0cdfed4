"""Digests: all rows of a bronze table, with every column, as one number that ledger and lake compute alike.

The digest of a table is the sum of its rows' digests, so that the order of rows does not matter and a row that is there
twice does. That of a row is the beginning of the MD5 of its columns as text: it finds what went wrong, and is no proof
against who forges rows, which the chain is.
"""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from lake.schema import lake_columns
from ledger.kernel.record import Column, Record

_BETWEEN, _NULL = "chr(31)", "chr(30)"
_HEX_DIGITS: Final = 15  # 60 bits, which both stores hold in a bigint


def ledger_digest(record: type[Record]) -> str:
    """The query in PostgreSQL's words: rows and digest, with places for `book_id` and `upto`."""
    texts = ", ".join(f"coalesce({_in_ledger(column)}, {_NULL})" for column in _compared(record))
    row = f"('x' || left(md5(concat_ws({_BETWEEN}, {texts})), {_HEX_DIGITS}))::bit({4 * _HEX_DIGITS})::bigint"
    return _statement(record, row)


def lake_digest(record: type[Record]) -> str:
    """The same in DuckDB's words."""
    texts = ", ".join(f"coalesce({_in_lake(column)}, {_NULL})" for column in _compared(record))
    return _statement(record, f"CAST('0x' || left(md5(concat_ws({_BETWEEN}, {texts})), {_HEX_DIGITS}) AS bigint)")


def _statement(record: type[Record], row: str) -> str:
    return (
        f"SELECT 'as digest', count(*), coalesce(sum({row}), 0) FROM {record.TABLE} "  # noqa: S608  # names of the record
        "WHERE book_id = {book_id} AND seq <= {upto}"
    )


def _compared(record: type[Record]) -> list[Column]:
    """All columns but the number of the book, which a book of another server has another one of in a warehouse."""
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
