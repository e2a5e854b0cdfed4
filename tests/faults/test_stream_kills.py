"""Stream workers are killed again and again while facts are posted; the lake loses and doubles nothing."""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from lake.read import watermark
from lake.tables import Lake
from ledger.kernel.settings import Settings
from pipelines.stream.audit import compare
from pipelines.stream.worker import stream_once
from tests.pipelines.stream.programme import Programme, open_programme

PATIENCE_SECONDS = 60

WORKER = """
import sys, threading
from lake.zones import Zones
from ledger.kernel.settings import Settings
from ledger.partners.directory import Directory
from pipelines.stream.worker import run

database_url, home = sys.argv[1:]
settings = Settings.from_env({"COFFERDAM_HOME": home, "COFFERDAM_DATABASE_URL": database_url})
server, stop = Directory(database_url).servers()[0], threading.Event()
print("ready", flush=True)
run(server, Zones.of(settings), tick=0.005, stop=stop)
"""


def started_worker(settings: Settings) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", WORKER, str(settings.database_url), str(settings.home)]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert worker.stdout is not None
    assert worker.stdout.readline() == b"ready\n"
    return worker


def kill(worker: "subprocess.Popen[bytes]") -> None:
    worker.kill()
    worker.communicate()


def wait_until_written(settings: Settings, programme: Programme) -> None:
    """However slow the machine is, some are killed before anything is in the lake, and some when there is."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while watermark(Lake.of(settings), programme.book.name) is None:
        assert time.monotonic() < deadline, "nothing is written"
        time.sleep(0.05)


@contextmanager
def posting(programme: Programme) -> Iterator[None]:
    """Facts keep coming, in batches of changing size."""
    stop = threading.Event()

    def post() -> None:
        seed = 0
        while not stop.wait(0.003):
            programme.pay(1 + seed % 40, seed=seed)
            seed += 1

    thread = threading.Thread(target=post)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def require_equal_after_kills(settings: Settings, engine: sa.Engine, programme: Programme) -> None:
    lake = Lake.of(settings)
    stream_once(engine, lake, programme.book)

    findings = compare(engine, lake, programme.book)

    assert [finding for finding in findings if not finding.ok] == []


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_a_worker_killed_at_random_moments_loses_and_doubles_nothing(
    engine: sa.Engine, settings: Settings, kills: int
) -> None:
    programme, dice = open_programme(engine), random.Random(kills)

    with posting(programme):
        for turn in range(kills):
            worker = started_worker(settings)
            time.sleep(dice.uniform(0.05, 0.5))
            if turn == kills // 2:
                wait_until_written(settings, programme)
            kill(worker)

    require_equal_after_kills(settings, engine, programme)


@pytest.mark.slow
def test_two_workers_killed_in_turn_take_over_from_each_other(engine: sa.Engine, settings: Settings) -> None:
    programme, dice = open_programme(engine), random.Random(2)

    with posting(programme):
        workers = [started_worker(settings), started_worker(settings)]
        for turn in range(10):
            time.sleep(dice.uniform(0.1, 0.5))
            if turn == 5:
                wait_until_written(settings, programme)
            kill(workers[turn % 2])
            workers[turn % 2] = started_worker(settings)
        for worker in workers:
            kill(worker)

    require_equal_after_kills(settings, engine, programme)
