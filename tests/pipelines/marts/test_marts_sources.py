"""The pinned sources: exactly the rows of the snapshot, whatever the lake gains later, with the record's types."""

import duckdb
import pytest

from lake.schema import SQL_TYPES, lake_columns
from ledger.records import STREAMED
from pipelines.marts.checks import compare_totals
from pipelines.marts.sources import pin_sources, pinned_books
from pipelines.marts.warehouse import opened
from tests.pipelines.marts.conftest import open_programme, snapshot


@pytest.fixture
def memory(tmp_path):
    with opened(tmp_path / "warehouse.duckdb") as warehouse:
        yield warehouse


def types(memory: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    return [(row[0], row[1].lower()) for row in memory.execute(f"DESCRIBE lake.{table}").fetchall()]


def test_a_snapshot_brings_the_lake_to_the_journals_head_and_pins_it(directory, lake, programme, memory):
    cuts = snapshot(directory, lake).cuts
    pin_sources(memory, lake, cuts)
    assert programme.pay("world", "wallet", 5, "2024-03-09") == "created"
    snapshot(directory, lake)

    assert [(cut.book_name, cut.watermark.seq) for cut in cuts] == [("sandbox", 16)]
    assert pinned_books(memory) == cuts
    assert memory.execute("SELECT count(*), max(seq) FROM lake.transfers").fetchall() == [(6, 16)]


def test_the_books_of_a_lake_stand_in_one_view(engine, directory, lake, programme, memory):
    other = open_programme(engine, "cards")
    assert other.pay("world", "wallet", 5, "2024-03-09") == "created"

    pin_sources(memory, lake, snapshot(directory, lake).cuts)

    books = "SELECT book_id, count(*) FROM lake.transfers GROUP BY ALL ORDER BY 1"
    assert memory.execute(books).fetchall() == [(programme.book.book_id, 6), (other.book.book_id, 1)]


@pytest.mark.parametrize("streamed", [True, False])
def test_every_view_has_the_columns_and_types_of_its_record(directory, lake, request, memory, streamed):
    if streamed:
        request.getfixturevalue("programme")

    pin_sources(memory, lake, snapshot(directory, lake).cuts)

    for record in STREAMED:
        wanted = [(column.name, SQL_TYPES[column.storage]) for column in lake_columns(record)]
        assert types(memory, record.TABLE) == wanted


@pytest.mark.usefixtures("programme")
def test_a_book_that_the_ledger_holds_otherwise_is_named_with_both_totals(directory, tampering, lake, memory):
    pin_sources(memory, lake, snapshot(directory, lake).cuts)
    with tampering.begin() as forger:
        forger.exec_driver_sql("UPDATE transfers SET amount_minor = amount_minor + 1 WHERE seq = 16")

    (cut,) = pinned_books(memory)
    compared = compare_totals(directory.place_of("sandbox"), memory, cut)

    digests = [each for each in map(str, compared) if each.startswith("every column of ")]
    assert [str(each) for each in compared if not each.ok and str(each) not in digests] == [
        "transfers of sandbox: ledger 6 rows, 14801 USD, lake 6 rows, 14800 USD",
        "debits of sandbox: ledger 5 rows, 14001 USD, lake 5 rows, 14000 USD",
        "credits of sandbox: ledger 5 rows, 14001 USD, lake 5 rows, 14000 USD",
    ]
    assert [str(each) for each in compared if each.ok and str(each) not in digests] == [
        "refused transfers of sandbox: 1 rows, 999999 USD",
        "holds and their releases of sandbox: 1 rows, 800 USD",
    ]
    (differing,) = [str(each) for each in compared if not each.ok and str(each) in digests]
    assert differing.startswith("every column of transfers of sandbox: ledger 6 rows, ")
    assert len(digests) == len(STREAMED)
