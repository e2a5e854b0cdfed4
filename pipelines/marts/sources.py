"""Sources: the files of one lake snapshot as views in a DuckDB file, for dbt and the audit."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb

from lake.bronze.read import Watermark, files
from lake.schema import SQL_TYPES, lake_columns
from lake.tables import Lake, PublishedWatermark
from ledger.kernel.ids import BookId
from ledger.kernel.record import Record
from ledger.records import STREAMED
from ledger.tenancy.records import Book

SCHEMA: Final = "lake"
"""The schema of the views, as named by the dbt source."""

_ELSEWHERE: Final = 1 << 32
"""The first number for books of servers other than the default one."""


_SUM_MINOR: Final = "CREATE MACRO sum_minor(amount_minor) AS CAST(sum(amount_minor) AS BIGINT)"


@dataclass(frozen=True, slots=True)
class PinnedBook:
    """A book, and the watermark at which a build reads it; its number is its number in the warehouse."""

    book_id: BookId
    book_name: str
    watermark: Watermark


def warehouse_number(book: Book, *, is_on_default: bool) -> BookId:
    """Return the number of a book in a warehouse with books of several servers.

    Each server numbers its books from 1. Books of the default server keep their numbers, which have 32 bits; a book of
    another server gets a larger number, derived from its name alone, and so the same in every build.
    """
    if is_on_default:
        return book.book_id
    return BookId(_ELSEWHERE + int.from_bytes(hashlib.sha256(book.name.encode()).digest()[:4]))


def pin_sources(warehouse: duckdb.DuckDBPyConnection, lake: Lake, cuts: Sequence[PinnedBook]) -> None:
    """Create a view per bronze table over the rows of all books up to their watermarks, and `lake.watermarks`.

    A view without files is empty, with the table's columns and types. The views do not see later rows of the lake.
    `sum_minor` is a macro of the file, for its readers: a plain sum of bigints is a hugeint, which most clients read as
    a float and round.
    """
    warehouse.execute(_SUM_MINOR)
    warehouse.execute(f"CREATE SCHEMA {SCHEMA}")
    for record in STREAMED:
        warehouse.execute(f"CREATE VIEW {SCHEMA}.{record.TABLE} AS {_all_rows(lake, record, cuts)}")
    columns = ", ".join(f"{name} {kind}" for name, kind in _typed(PublishedWatermark))
    warehouse.execute(f"CREATE TABLE {SCHEMA}.{PublishedWatermark.TABLE} ({columns})")
    for cut in cuts:
        mark = cut.watermark
        row = [cut.book_id, cut.book_name, mark.seq, mark.chain_hash, json.dumps(mark.versions, sort_keys=True)]
        insert = f"INSERT INTO {SCHEMA}.{PublishedWatermark.TABLE} VALUES (?, ?, ?, ?, ?)"  # noqa: S608  # names of ours
        warehouse.execute(insert, row)


def pinned_books(warehouse: duckdb.DuckDBPyConnection) -> list[PinnedBook]:
    """Return the watermarks that the sources of a warehouse were made from, in the order of their books."""
    columns = ", ".join(name for name, _ in _typed(PublishedWatermark))
    query = f"SELECT {columns} FROM {SCHEMA}.{PublishedWatermark.TABLE} ORDER BY book_id"  # noqa: S608  # names of ours
    rows = warehouse.execute(query).fetchall()
    return [PinnedBook(row[0], row[1], Watermark(row[2], row[3], json.loads(row[4]))) for row in rows]


def numbers(cut: PinnedBook) -> dict[str, str]:
    """Return the replaced columns of bronze: the number of a book of another server, which numbers its own books."""
    return {"book_id": str(int(cut.book_id))} if cut.book_id >= _ELSEWHERE else {}


def _all_rows(lake: Lake, record: type[Record], cuts: Iterable[PinnedBook]) -> str:
    found = ((files(lake, cut.book_name, record, cut.watermark), cut) for cut in cuts)
    return "\nUNION ALL\n".join(_rows_of(record, paths, cut) for paths, cut in found if paths) or _no_rows(record)


def _rows_of(record: type[Record], paths: Sequence[str], cut: PinnedBook) -> str:
    """Return the rows of one book; columns are named, so that files older than a column have nulls in it."""
    numbered = numbers(cut)
    names = ", ".join(f"CAST({numbered.get(name, name)} AS {kind}) AS {name}" for name, kind in _typed(record))
    listed = ", ".join(_quoted(path) for path in paths)  # a view's text takes no parameters
    read = f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
    return f"SELECT {names} FROM {read} WHERE seq <= {int(cut.watermark.seq)}"  # noqa: S608  # names of the record


def _no_rows(record: type[Record]) -> str:
    nulls = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in _typed(record))
    return f"SELECT {nulls} WHERE false"


def _quoted(path: str) -> str:
    return "'" + path.replace("'", "''") + "'"


def _typed(record: type[Record]) -> Iterator[tuple[str, str]]:
    return ((column.name, SQL_TYPES[column.storage]) for column in lake_columns(record))
