"""Table maintenance: tables stay in order while they are streamed, and nothing waits for it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import dagster as dg
import pytest
import sqlalchemy as sa

from lake.bronze.read import watermark
from lake.residency.zones import Zones
from lake.silver.read import silver_position
from lake.silver.tables import SILVER
from lake.tables import Lake, PublishedWatermark, table_url
from ledger.book.records.transfers import Transfer
from ledger.journal.journal import head
from ledger.tenancy.directory import Directory
from pipelines.silver.audit import compare_silver
from pipelines.stream import checks, maintenance
from pipelines.stream.audit import compare
from pipelines.stream.checks import bronze_is_in_order
from pipelines.stream.worker import run, stream_once
from tests.pipelines.stream.programme import Programme, sole_server, sole_zone


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is due every hundred commits is due every other one."""
    monkeypatch.setattr(maintenance, "_LOOK_SECONDS", 0.02)
    monkeypatch.setattr(maintenance, "COMMITS_PER_CHECKPOINT", 2)
    monkeypatch.setattr(maintenance, "COMMITS_PER_COMPACTION", 2)
    monkeypatch.setattr(maintenance, "_SECONDS_PER_VACUUM", 0.1)


@contextmanager
def running(engine: sa.Engine, lake: Lake) -> Iterator[None]:
    stop = threading.Event()
    worker = threading.Thread(
        target=run, args=(sole_server(engine), sole_zone(lake)), kwargs={"tick": 0.01, "stop": stop}
    )
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join(timeout=30)


def last_position(programme: Programme) -> int:
    with programme.engine.connect() as connection:
        return head(connection, programme.book.book_id).last_seq


def pay_and_wait(lake: Lake, programme: Programme, seed: int) -> None:
    programme.pay(5, seed=seed)
    target, deadline = last_position(programme), time.monotonic() + 60
    while (seen := watermark(lake, "cards")) is None or seen.seq < target:
        assert time.monotonic() < deadline, "nothing is streamed"
        time.sleep(0.05)


def wait_for_checkpoint(url: str) -> None:
    deadline = time.monotonic() + 60
    while not Path(url, "_delta_log", "_last_checkpoint").exists():
        assert time.monotonic() < deadline, "there is no checkpoint"
        time.sleep(0.02)


def require_equal(lake: Lake, programme: Programme) -> None:
    assert [finding for finding in compare(programme.engine, lake, programme.book) if not finding.ok] == []


def test_checkpoints_are_written_while_the_stream_goes_on(lake: Lake, programme: Programme) -> None:
    with running(programme.engine, lake):
        for seed in range(20):
            pay_and_wait(lake, programme, seed)
        for record in (Transfer, PublishedWatermark):
            wait_for_checkpoint(table_url(lake.url, "cards", record))
        pay_and_wait(lake, programme, 99)

    require_equal(lake, programme)


def test_a_fault_of_the_upkeep_is_said_once_and_the_stream_goes_on(
    lake: Lake, programme: Programme, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(maintenance, "checkpoint", full)

    with running(programme.engine, lake):
        for seed in range(8):
            pay_and_wait(lake, programme, seed)
        deadline = time.monotonic() + 30
        while "no space left" not in caplog.text:
            assert time.monotonic() < deadline, "the fault is not said"
            time.sleep(0.02)

    lines = [record.getMessage() for record in caplog.records if "upkeep of transfers" in record.getMessage()]
    (line,) = lines
    assert line.endswith("no space left on device; the stream goes on, the tables are put in order later")
    require_equal(lake, programme)


def test_silver_comes_up_to_the_watermark_while_the_stream_goes_on(
    lake: Lake, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "_SECONDS_PER_REFRESH", 0.1)

    with running(programme.engine, lake):
        pay_and_wait(lake, programme, 1)
        target, deadline = last_position(programme), time.monotonic() + 60
        while any((silver_position(lake, "cards", table.record) or 0) < target for table in SILVER):
            assert time.monotonic() < deadline, "silver stays behind"
            time.sleep(0.05)

    assert [finding for finding in compare_silver(programme.engine, lake, programme.book) if not finding.ok] == []


def in_order(directory: Directory, zones: Zones) -> list[dg.AssetCheckResult]:
    """What Dagster is told of every table."""
    told = bronze_is_in_order(dg.build_asset_check_context(), directory=directory, zones=zones)
    return [cast("dg.AssetCheckResult", each) for each in told]


def test_dagster_is_told_which_table_is_out_of_order(
    lake: Lake, programme: Programme, directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream_once(programme.engine, lake, programme.book)
    zones = sole_zone(lake)
    well = in_order(directory, zones)
    monkeypatch.setattr(checks, "LOG_ENTRIES_MAX", 1)
    for seed in range(3):
        programme.pay(5, seed=seed)
        stream_once(programme.engine, lake, programme.book)

    ill = in_order(directory, zones)

    assert all(result.passed for result in well)
    named = {result.asset_key.to_user_string(): result.description for result in ill if not result.passed}
    assert "lake/transfers" in named
    assert "lake/partners" not in named
    assert named["lake/transfers"].startswith("cards: ")


def test_who_streams_once_now_and_then_leaves_a_checkpoint_too(
    lake: Lake, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lake.delta.checkpoints.COMMITS_PER_CHECKPOINT", 3)

    for seed in range(4):
        programme.pay(5, seed=seed)
        stream_once(programme.engine, lake, programme.book)

    assert Path(table_url(lake.url, "cards", Transfer), "_delta_log", "_last_checkpoint").exists()
    require_equal(lake, programme)
