"""Publishing a warehouse: by one rename, and never an older cut over one that was published meanwhile."""

from pathlib import Path

import duckdb

from lake.bronze.read import Watermark
from lake.tables import Lake
from ledger.kernel.ids import BookId
from pipelines.marts.sources import PinnedBook, pin_sources, pinned_books
from pipelines.marts.warehouse import new_building, opened, publish


def _build(settings, run_id: str, seq: int) -> None:
    cut = PinnedBook(BookId(1), "shop", Watermark(seq, "00", {}))
    with opened(new_building(settings, run_id)) as warehouse:
        pin_sources(warehouse, Lake(str(settings.home / "lake"), {}, settings.home / "cache"), [cut])


def _position(path: Path) -> int:
    with duckdb.connect(str(path), read_only=True) as warehouse:
        return pinned_books(warehouse)[0].watermark.seq


def test_a_slower_build_does_not_replace_a_later_cut(settings):
    _build(settings, "slow", 10)
    _build(settings, "fast", 20)

    assert publish(settings, "fast")
    assert not publish(settings, "slow")

    assert _position(settings.warehouse) == 20
    assert list((settings.home / "building").iterdir()) == []


def test_a_build_that_began_afterwards_replaces_even_a_higher_position(settings):
    _build(settings, "before", 20)
    publish(settings, "before")

    _build(settings, "after a restore", 10)
    publish(settings, "after a restore")

    assert _position(settings.warehouse) == 10
