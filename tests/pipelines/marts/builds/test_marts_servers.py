"""Marts over the books of two servers, each of which counts its books from 1."""

from collections.abc import Iterator

import duckdb
import pytest

from lake.tables import Lake
from ledger.kernel.errors import InvalidInput, Unavailable
from ledger.tenancy.directory import Directory
from pipelines.marts.checks import compare_totals
from pipelines.marts.sources import pin_sources, pinned_books
from pipelines.marts.warehouse import opened
from tests.pipelines.marts.conftest import Programme, open_programme, snapshot

NOWHERE = {"eu": "postgresql://u@127.0.0.1:1/x"}


@pytest.fixture
def directory(database_url: str, other_database_url: str) -> Iterator[Directory]:
    with Directory(database_url, {"eu": other_database_url}) as made:
        yield made


@pytest.fixture
def memory(tmp_path) -> Iterator[duckdb.DuckDBPyConnection]:
    with opened(tmp_path / "warehouse.duckdb") as warehouse:
        yield warehouse


@pytest.fixture
def books(directory: Directory) -> list[Programme]:
    """Book 1 of each server; in us one transfer of 5.00, in eu two, of 7.00 and 1.00."""
    us, eu = (open_programme(directory.engine_of(name), name) for name in ("us", "eu"))
    for programme, amounts in ((us, [500]), (eu, [700, 100])):
        for amount_minor in amounts:
            assert programme.pay("world", "wallet", amount_minor, "2024-03-09") == "created"
    return [us, eu]


def test_books_of_one_number_keep_apart_in_every_view(directory: Directory, books, lake: Lake, memory):
    cuts = snapshot(directory, lake).cuts
    pin_sources(memory, lake, cuts)

    assert [cut.book_name for cut in cuts] == ["us", "eu"]
    assert cuts[0].book_id == books[0].book.book_id == books[1].book.book_id == 1
    assert cuts[1].book_id >= 2**32
    assert pinned_books(memory) == cuts
    added = "SELECT book_name, count(*), sum(amount_minor) FROM lake.transfers JOIN lake.watermarks USING (book_id)"
    assert memory.execute(f"{added} GROUP BY 1 ORDER BY 1").fetchall() == [("eu", 2, 800), ("us", 1, 500)]
    same = snapshot(directory, lake).cuts
    assert [cut.book_id for cut in same] == [cut.book_id for cut in cuts], "a number is the same in every build"


@pytest.mark.usefixtures("books")
def test_each_books_totals_are_held_against_its_own_server(directory: Directory, lake: Lake, memory):
    pin_sources(memory, lake, snapshot(directory, lake).cuts)

    compared = [
        each
        for cut in pinned_books(memory)
        for each in compare_totals(directory.place_of(cut.book_name), memory, cut)
        if each.what == "transfers"
    ]

    assert [str(each) for each in compared] == ["transfers of us: 1 rows, 500 USD", "transfers of eu: 2 rows, 800 USD"]
    assert all(each.ok for each in compared)


def test_books_of_a_server_that_is_away_stay_at_the_cut_that_stands(directory: Directory, books, database_url, lake):
    before = snapshot(directory, lake).cuts
    assert books[0].pay("world", "wallet", 5, "2024-03-10") == "created"

    with Directory(database_url, NOWHERE) as cut_off:
        taken = snapshot(cut_off, lake, lambda: before)
        alone = snapshot(cut_off, lake)

    assert [cut.watermark.seq for cut in taken.cuts] == [before[0].watermark.seq + 1, before[1].watermark.seq]
    assert taken.cuts[1] == before[1]
    assert "server 2 (eu) does not answer" in taken.away[0]
    assert [cut.book_name for cut in alone.cuts] == ["us"]


def test_without_the_default_server_there_is_no_snapshot(other_database_url, lake):
    with (
        Directory("postgresql://u@127.0.0.1:1/x", {"eu": other_database_url}) as cut_off,
        pytest.raises(Unavailable, match="the default server does not answer"),
    ):
        snapshot(cut_off, lake)


@pytest.mark.usefixtures("books")
def test_a_name_on_two_servers_is_no_snapshot(directory: Directory, lake):
    open_programme(directory.engine_of("us"), "eu")

    with pytest.raises(InvalidInput, match="a name belongs to one book"):
        snapshot(directory, lake)
