"""Marts by zone: each jurisdiction with a root of its own has a warehouse of its own, over its own books only."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace

import duckdb
import pytest

from cofferdam.commands.audit.trace import traced
from lake.errors import Misplaced
from lake.residency.zones import Zones
from ledger.kernel.errors import NotFound
from ledger.kernel.settings import Root, Settings
from ledger.tenancy.directory import BookLocation, Directory
from pipelines.build import build
from pipelines.lineage.rows import RowTrace
from pipelines.marts.project import as_parsed
from pipelines.marts.snapshot import take_snapshot
from pipelines.stream.residency import settled_lake
from pipelines.stream.worker import stream_once
from pipelines.verification.checks import verify
from tests.pipelines.stream.programme import open_programme


@pytest.fixture
def zoned(settings: Settings, tmp_path, engine) -> Settings:
    for seed, (name, jurisdiction) in enumerate((("cards", "US"), ("retail", "EU"))):
        open_programme(engine, name, jurisdiction=jurisdiction).pay(20, seed=seed)
    return replace(settings, roots={"EU": Root(str(tmp_path / "eu"))})


@pytest.fixture
def reading(zoned) -> Iterator[tuple[duckdb.DuckDBPyConnection, ...]]:
    main, eu = (duckdb.connect(str(zone.settings.warehouse), read_only=True) for zone in Zones.of(zoned))
    yield main, eu
    main.close()
    eu.close()


def test_the_snapshot_of_a_zone_has_no_book_of_another(zoned: Settings, directory: Directory):
    zones = Zones.of(zoned)

    cuts = {zone.name: [cut.book_name for cut in take_snapshot(directory, zones, zone).cuts] for zone in zones}

    assert cuts == {"default": ["cards"], "EU": ["retail"]}


def test_a_build_with_a_wrong_root_is_refused_before_anything_is_written(zoned: Settings, directory: Directory, engine):
    zones = Zones.of(zoned)
    retail = directory.place_of("retail").book
    stream_once(engine, settled_lake(zones, BookLocation(engine, retail)), retail)
    exchanged = Zones.of(replace(zoned, lake_url=zoned.roots["EU"].url, roots={"EU": Root(zoned.lake_url)}))

    for zone in exchanged:
        with pytest.raises(Misplaced, match="holds the books of zone EU, and COFFERDAM_LAKE_URL names it"):
            take_snapshot(directory, exchanged, zone)

    assert directory.place_of("cards").book.name not in {path.name for path in zoned.home.rglob("*")}


@pytest.mark.slow
def test_a_build_makes_a_warehouse_per_zone_that_is_verified_and_traced_there(
    zoned: Settings, directory: Directory, request, monkeypatch
):
    report = build(zoned, progress=lambda _: None)
    main, eu = request.getfixturevalue("reading")

    assert set(report.positions) == {"cards", "retail"}
    names = "SELECT DISTINCT book_name FROM regulatory.rpt_trial_balance"
    assert (main.execute(names).fetchall(), eu.execute(names).fetchall()) == ([("cards",)], [("retail",)])
    assert [check for check in verify(zoned, directory) if not check.ok] == []
    kinds = eu.execute("SELECT account_kind FROM regulatory.rpt_trial_balance").fetchall()
    key = ["book_name=retail", "currency=USD", f"account_kind={kinds[0][0]}"]
    trace = traced(zoned.in_zone("EU"), "rpt_trial_balance", key)
    assert isinstance(trace, RowTrace)
    assert trace.agrees
    assert all(source.url.startswith(zoned.roots["EU"].url) for source in trace.sources)
    with pytest.raises(NotFound, match="retail@1"):
        traced(zoned, "retail@1", [])
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("parsed again"))
    assert len({as_parsed(zone.settings) for zone in Zones.of(zoned)}) == 2, "each is parsed once"
