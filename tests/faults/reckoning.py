"""Reckoning: how many rows of a ledger its lake lost, holds twice, in the wrong order or place, and whether sums agree.

It looks by itself, beside the product's own audit: at the live Parquet files by position, and at what commits said.
"""

import json
from collections import Counter
from itertools import pairwise
from typing import NamedTuple

import duckdb
import sqlalchemy as sa
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from lake.bronze.read import files_at
from lake.delta.files import Level, level_in
from lake.tables import Lake, table_url
from ledger.book.records.transfers import RefusedTransfer, Transfer
from ledger.kernel.record import Record
from ledger.kernel.work import read
from ledger.records import FACTS, STREAMED
from ledger.tenancy.records import Book


class Reckoning(NamedTuple):
    lost: int = 0
    doubled: int = 0
    disordered: int = 0
    misplaced: int = 0
    sums_wrong: int = 0

    def plus(self, other: "Reckoning") -> "Reckoning":
        return Reckoning(*map(sum, zip(self, other, strict=True)))


class Row(NamedTuple):
    """A row of a live file: its position, the file, its place in it, its UTC day, and the day that its folder names."""

    seq: int
    file: str
    place: int
    day: str
    folder_day: str


def reckon(engine: sa.Engine, lake: Lake, book: Book) -> Reckoning:
    """Everything that the ledger of a book holds against everything that is live in its lake."""
    total, positions = Reckoning(), Counter[int]()
    with read(engine) as reader:
        for record in STREAMED:
            ledger = _positions(reader.connection, book, record)
            rows = _rows(lake, book, record)
            total = total.plus(_of_rows(ledger, rows)).plus(_of_commits(reader.connection, lake, book, record, ledger))
            if record in FACTS:
                positions.update(row.seq for row in rows)
    gaps = set(range(1, max(positions, default=0) + 1)) - positions.keys()
    return total.plus(Reckoning(lost=len(gaps), doubled=positions.total() - len(positions)))


def _positions(connection: sa.Connection, book: Book, record: type[Record]) -> list[int]:
    query = f"SELECT seq FROM {record.TABLE} WHERE book_id = {book.book_id} ORDER BY seq"
    return list(connection.exec_driver_sql(query).scalars())


def _rows(lake: Lake, book: Book, record: type[Record]) -> list[Row]:
    paths = files_at(lake, book.name, record, version=None)
    if not paths:
        return []
    query = """
        SELECT seq, filename, file_row_number, strftime(recorded_at, '%Y-%m-%d'),
               regexp_extract(filename, 'recorded_on=([0-9-]+)', 1)
        FROM read_parquet($paths, union_by_name = true, hive_partitioning = false,
                          filename = true, file_row_number = true)
        ORDER BY filename, file_row_number
    """
    with duckdb.connect() as memory:
        memory.execute("SET TimeZone = 'UTC'")
        return [Row(*row) for row in memory.execute(query, {"paths": paths}).fetchall()]


def _of_rows(ledger: list[int], rows: list[Row]) -> Reckoning:
    there = Counter(row.seq for row in rows)
    backwards = [
        one
        for one, other in pairwise(rows)
        if one.file == other.file and one.seq >= other.seq and level_in(one.file) < Level.ORDERED
    ]
    return Reckoning(
        lost=len(set(ledger) - there.keys()),
        doubled=(there - Counter(ledger)).total(),
        disordered=len(backwards),
        misplaced=sum(row.folder_day not in ("", row.day) for row in rows),
    )


def _of_commits(
    connection: sa.Connection, lake: Lake, book: Book, record: type[Record], ledger: list[int]
) -> Reckoning:
    """What the commits say of their rows, all together: as many as there are, one range behind the other, one sum."""
    said = sorted(_said(lake, book, record), key=lambda commit: int(commit["version"]))
    assert not said or said[0]["version"] == 0, "the log is whole: nothing of it is past its time"
    commits = [commit for commit in said if "upto_seq" in commit]
    ranges = [(int(commit["first_seq"]), int(commit["last_seq"])) for commit in commits]
    sums = Counter[str]()
    for commit in commits:
        sums.update({currency: int(amount) for currency, amount in json.loads(commit["control_totals"]).items()})
    is_counted = sum(int(commit["rows"]) for commit in commits) == len(ledger)
    is_summed = record not in (Transfer, RefusedTransfer) or sums == _sums(connection, book, record)
    overlapping = [one for one, other in pairwise(ranges) if one[1] >= other[0]]
    return Reckoning(disordered=len(overlapping), sums_wrong=2 - is_counted - is_summed)


def _said(lake: Lake, book: Book, record: type[Record]) -> list[dict[str, str | int]]:
    try:
        table = DeltaTable(table_url(lake.url, book.name, record), storage_options=lake.storage_options)
    except TableNotFoundError:
        return []
    return table.history()


def _sums(connection: sa.Connection, book: Book, record: type[Record]) -> Counter[str]:
    query = f"""
        SELECT currency, sum(amount_minor) FROM {record.TABLE} WHERE book_id = {book.book_id} GROUP BY currency
    """
    return Counter({currency: int(amount) for currency, amount in connection.exec_driver_sql(query)})
