"""The digest of a table is the same in the ledger and in the lake, and another one after any change of any column."""

from collections.abc import Iterator

import duckdb
import pytest
import sqlalchemy as sa

from lake.bronze.read import watermark
from lake.schema import lake_columns
from lake.tables import Lake
from ledger.book.records.transfers import Transfer
from ledger.journal.records import JournalBatch
from ledger.kernel.ids import BookId
from ledger.kernel.record import Column, Record
from ledger.kernel.settings import Settings
from ledger.records import STREAMED
from ledger.tenancy.directory import BookLocation
from pipelines.marts.checks import compare_totals
from pipelines.marts.digests import lake_digest
from pipelines.marts.sources import SCHEMA, PinnedBook, pin_sources
from pipelines.stream.worker import stream_once
from tests.pipelines.stream.programme import Programme, open_programme

OTHER = {
    "bigint": "coalesce({0}, 0) + 1",
    "varchar": "coalesce({0}, '') || 'x'",
    "boolean": "NOT coalesce({0}, false)",
    "date": "coalesce({0}, DATE '2026-01-01') + 1",
    "timestamp with time zone": "coalesce({0}, TIMESTAMPTZ '2026-01-01 00:00:00Z') + INTERVAL 1 MICROSECOND",
}
"""Another value of a column, by its type."""


@pytest.fixture
def programme(engine: sa.Engine) -> Programme:
    made = open_programme(engine)
    made.pay(40, reference="š ✓ 'quoted', \t\n")
    return made


@pytest.fixture
def pinned(settings: Settings, programme: Programme) -> Iterator[tuple[duckdb.DuckDBPyConnection, PinnedBook]]:
    """The lake of a programme as a build pins it."""
    lake = Lake.of(settings)
    stream_once(programme.engine, lake, programme.book)
    mark = watermark(lake, "cards")
    assert mark is not None
    cut = PinnedBook(programme.book.book_id, "cards", mark)
    with duckdb.connect() as memory:
        memory.execute("SET TimeZone = 'UTC'")
        pin_sources(memory, lake, [cut])
        yield memory, cut


def changed(memory: duckdb.DuckDBPyConnection, record: type[Record], column: Column) -> tuple[object, ...]:
    """The digest of a table in which one row has another value in one column."""
    table = f"{SCHEMA}.{record.TABLE}"
    kinds = dict(memory.execute(f"SELECT name, lower(type) FROM pragma_table_info('{table}')").fetchall())
    other = OTHER[kinds[column.name]].format(column.name)
    first = f"seq = (SELECT min(seq) FROM {table})"
    memory.execute(
        f"CREATE OR REPLACE TEMP TABLE {record.TABLE} AS SELECT * REPLACE "
        f"(CASE WHEN {first} THEN {other} ELSE {column.name} END AS {column.name}) FROM {table}"
    )
    return digest(memory, record)


def digest(memory: duckdb.DuckDBPyConnection, record: type[Record]) -> tuple[object, ...]:
    (row,) = memory.execute(lake_digest(record).format(book_id=1, upto=1 << 62)).fetchall()
    return tuple(row)


def test_a_lake_that_equals_its_ledger_has_its_digests(
    pinned: tuple[duckdb.DuckDBPyConnection, PinnedBook], programme: Programme
) -> None:
    memory, cut = pinned
    place = BookLocation(programme.engine, programme.book)

    compared = compare_totals(place, memory, cut)

    assert [str(each) for each in compared if not each.ok] == []
    assert {f"every column of {record.TABLE}" for record in STREAMED} <= {each.what for each in compared}


def test_any_column_that_differs_is_found_whatever_its_type(
    pinned: tuple[duckdb.DuckDBPyConnection, PinnedBook],
) -> None:
    memory, _ = pinned
    filled = [
        record
        for record in STREAMED
        if memory.execute(f"SELECT count(*) FROM {SCHEMA}.{record.TABLE}").fetchall() != [(0,)]
    ]
    for record in filled:
        memory.execute(f"CREATE OR REPLACE TEMP TABLE {record.TABLE} AS FROM {SCHEMA}.{record.TABLE}")
    sound = {record: digest(memory, record) for record in filled}

    unseen = [
        f"{record.TABLE}.{column.name}"
        for record in filled
        for column in lake_columns(record)
        if column.name != "book_id" and changed(memory, record, column) == sound[record]
    ]

    assert unseen == []
    assert {Transfer, JournalBatch} <= set(filled)


def test_a_row_that_is_missing_or_there_twice_is_found_wherever_it_stands(
    pinned: tuple[duckdb.DuckDBPyConnection, PinnedBook], programme: Programme
) -> None:
    memory, cut = pinned
    place = BookLocation(programme.engine, programme.book)
    memory.execute(f"CREATE TABLE rows AS FROM {SCHEMA}.transfers ORDER BY seq DESC")
    memory.execute(f"DROP VIEW {SCHEMA}.transfers")
    said = {}
    for kind, query in {
        "in another order": "FROM rows",
        "missing": "FROM rows LIMIT 10",
        "twice": "FROM rows UNION ALL (FROM rows LIMIT 1)",
    }.items():
        memory.execute(f"CREATE OR REPLACE VIEW {SCHEMA}.transfers AS {query}")
        said[kind] = [each.what for each in compare_totals(place, memory, cut) if not each.ok]

    assert said["in another order"] == []
    assert "every column of transfers" in said["missing"]
    assert "every column of transfers" in said["twice"]
    assert BookId(1) == programme.book.book_id
