"""Rows that are equal, files that come twice, balances that only the book can hold."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from ledger.tenancy.books import all_books
from ledger.vault.vault import Vault
from pipelines.imports.quarantine import Quarantine
from pipelines.imports.replay import replay
from tests.conftest import KEYRINGS
from tests.pipelines.imports.conftest import HEADER

COFFEE = ",2024-01-05,2.50,out,USD,coffee,acme,77"
TEA = ",2024-01-06,1.50,out,USD,tea,acme,77"
CAKE = ",2024-01-07,4.00,out,USD,cake,acme,77"


@pytest.fixture
def counting(shop: Path) -> Path:
    """The mapping of the shop, with an id that counts equal rows."""
    counted = 'id = { template = "{time}|{amount}|{code}|{occurrence}" }'
    shop.write_text(shop.read_text().replace('id = { column = "id" }', counted))
    return shop


@pytest.mark.usefixtures("counting")
@pytest.mark.parametrize("batch", [1, 2, 100])
def test_equal_rows_are_as_many_transfers_and_an_overlapping_export_is_known(load, batch):
    first = load(COFFEE, COFFEE, COFFEE, TEA, batch=batch)
    again = load(COFFEE, COFFEE, COFFEE, TEA, batch=batch)
    overlapping = load(TEA, CAKE, CAKE, batch=batch)

    assert (first.accepted, first.twins, first.debits) == (4, 0, {"USD": "9.00"})
    assert (again.accepted, again.already_there) == (0, 4)
    assert again.position == first.position + 2, "that the import began and ended, and no transfer"
    assert (overlapping.accepted, overlapping.already_there, overlapping.twins) == (2, 1, 0)


@pytest.mark.usefixtures("counting")
def test_exports_of_one_call_that_overlap_know_one_another(load, tmp_path):
    for name, rows in (("a.csv", [COFFEE, COFFEE, TEA]), ("b.csv", [TEA, CAKE])):
        (tmp_path / name).write_text("\n".join([HEADER, *rows]))

    report = load(tmp_path / "a.csv", tmp_path / "b.csv")

    assert (report.accepted, report.already_there, report.twins, report.is_whole) == (4, 1, 0, True)


def test_equal_rows_of_two_accounts_are_counted_apart(load, counting):
    text = counting.read_text().replace("{code}|", "{code}|{account}|")
    counting.write_text(text)
    other = COFFEE.replace("77", "78")

    first, again = load(COFFEE, other, COFFEE), load(other, COFFEE, COFFEE)

    assert (first.accepted, again.accepted, again.already_there) == (3, 0, 3)


@pytest.mark.parametrize("batch", [1, 100])
def test_twins_without_an_id_of_their_own_are_counted_apart_and_named(load, shop, batch):
    shop.write_text(shop.read_text().replace('{ column = "id" }', '{ template = "{time}|{amount}|{code}" }'))

    first = load(COFFEE, COFFEE, TEA, COFFEE, batch=batch)
    again = load(COFFEE, COFFEE, TEA, COFFEE, batch=batch)

    assert (first.accepted, first.already_there, first.twins, first.debits) == (2, 0, 2, {"USD": "4.00"})
    assert (again.accepted, again.already_there, again.twins, again.debits) == (0, 2, 2, {"USD": "4.00"})
    assert first.first_twins == again.first_twins
    assert first.first_twins[0] == "rows.csv line 3 has the id of an earlier row: '2024-01-05|2.50|coffee'"
    assert (first.is_whole, first.rows) == (False, 4)


def test_an_equal_row_in_quarantine_is_replayed_as_the_one_that_it_was(engine: sa.Engine, load, counting):
    bad = COFFEE.replace("out", "OUT")
    rejected = load(COFFEE, bad, COFFEE)
    text = counting.read_text()
    other = counting.with_name("other") / "shop.toml"
    other.parent.mkdir()
    other.write_text(text.replace("out = ", 'OUT = "debit", out = ').replace("{time}|", "{code}|{time}|"))
    counting.write_text(text.replace("out = ", 'OUT = "debit", out = '))
    with engine.connect() as connection:
        (book,) = all_books(connection)
    quarantine = Quarantine(engine, Vault(engine, KEYRINGS), book, actor="test")

    by_another_id = replay(quarantine, mended=other)
    replayed = replay(quarantine, mended=counting)
    whole = load(COFFEE, bad, COFFEE)

    assert (rejected.accepted, rejected.rejected, rejected.is_whole) == (2, {"unknown_word": 1}, False)
    assert (by_another_id.replayed, by_another_id.still_waiting) == (0, {"unknown_occurrence": 1})
    assert (replayed.replayed, replayed.is_whole) == (1, True)
    assert (whole.accepted, whole.already_there, whole.debits) == (0, 3, {"USD": "7.50"})


def test_the_same_bytes_by_another_mapping_are_announced(load, shop, caplog):
    rows = ("1" + COFFEE, "2" + TEA)
    other = shop.with_name("other.toml")
    other.write_text(shop.read_text().replace('{ column = "id" }', '{ template = "x{id}" }'))

    first, again = load(*rows), load(*rows)
    silent = list(caplog.messages)
    second = load(*rows, mapping=other)

    assert (first.warnings, again.warnings, silent) == ((), (), [])
    assert second.accepted == 2
    assert second.warnings[0].startswith("rows.csv was imported into 'shop' by 'shop' on ")
    assert caplog.messages == list(second.warnings)
    assert load(*rows, "3" + CAKE, mapping=other).warnings == ()


def test_a_closing_balance_that_nothing_in_the_file_leads_to_is_held_against_the_book(load, shop, tmp_path):
    shop.write_text(
        shop.read_text()
        + '[csv]\nfooter_lines = 1\n[balance]\nclosing = { begins = "Balance", field = 2 }\ndecimal = ","\n'
    )
    file = tmp_path / "rows.csv"

    def balanced(text: str, *rows: str) -> tuple[int, tuple[str, ...]]:
        file.write_text("\n".join([HEADER, *rows, f'Balance,"{text}"']))
        report = load(file)
        return report.balances_held, report.balances_parted

    held = balanced("-4,00", "1" + COFFEE, "2" + TEA)
    later = balanced("-8,00", "3" + CAKE)
    again = balanced("-4,00", "1" + COFFEE, "2" + TEA)
    parted = balanced("-4,01", "1" + COFFEE, "2" + TEA)

    assert held == later == again == (1, ())
    assert parted[0] == 0
    assert parted[1][0].startswith("rows.csv line 4 declares the closing balance -4.01 USD, and the book has -4.00 USD")
