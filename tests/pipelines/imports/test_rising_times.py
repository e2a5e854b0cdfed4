"""Strict history: a mapping that says that times rise holds the file to it."""

from pathlib import Path

import pytest

from ledger.kernel.errors import InvalidInput
from pipelines.imports.mapping import load_mapping


@pytest.fixture
def rising(shop: Path) -> Path:
    path = shop.with_name("rising.toml")
    path.write_text(shop.read_text().replace('time = { column = "time" }', 'time = { column = "time", rising = true }'))
    return path


def row(name: str, day: str) -> str:
    return f"{name},2019-01-{day}T00:00:00Z,1.00,in,USD,sale,p,a"


def test_rows_that_fall_back_in_time_are_rejected_in_any_batch_and_again(load, rising):
    rows = [row("1", "03"), row("2", "02"), row("3", "03"), row("4", "04"), row("5", "01"), row("6", "05")]

    first, again = load(*rows, mapping=rising), load(*rows, mapping=rising)

    assert (first.accepted, first.rejected) == (4, {"imported_must_not_regress": 2})
    assert (again.accepted, again.already_there, again.rejected) == (0, 4, {"imported_must_not_regress": 2})


def test_without_it_rows_may_come_in_any_order(load):
    loaded = load(row("1", "03"), row("2", "02"))

    assert (loaded.accepted, loaded.rejected) == (2, {})


def test_a_mapping_says_rising_by_true_or_false(shop):
    shop.write_text(shop.read_text().replace('{ column = "time" }', '{ column = "time", rising = "yes" }'))

    with pytest.raises(InvalidInput, match="rising = true or rising = false"):
        load_mapping(shop)
