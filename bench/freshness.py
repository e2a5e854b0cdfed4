"""Freshness: measures the time from a transfer's commit until it can be read in Delta, and the stream worker's CPU.

A worker in its own process streams while batches are posted at a steady rate, with all its maintenance: compaction and
checkpoints. A transfer is readable once the watermark that covers it is committed; the file's timestamp says when.
"""

import json
import random
import statistics
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import psutil
import sqlalchemy as sa

from bench.figures import Figure, Reference, Target, figure
from bench.programmes import Programme, open_programme, uniform_orders
from bench.servers import scratch_ledger, url_of
from lake.tables import PublishedWatermark, table_url
from ledger.book.posting.writer import BookWriter
from ledger.kernel.clock import system_clock

_ACCOUNTS: Final = 20_000
_BATCHES_PER_SECOND: Final = 50
_SECONDS: Final = 60
_WARM_UP: Final = 0.1
_RATES: Final = (500, 5_000)
_SETTLING: Final = 15

_WORKER: Final = """
import sys, threading
from pathlib import Path
from lake.residency.zones import Zones
from ledger.kernel.settings import Settings
from ledger.tenancy.directory import Directory
from pipelines.stream.worker import run

database_url, folder = sys.argv[1:]
(server,) = Directory(database_url).servers()
settings = Settings(home=Path(folder), lake_url=f"{folder}/lake")
run(server, Zones.of(settings), stop=threading.Event())
"""


class Posted(NamedTuple):
    """A committed batch: its last position, and the time of the commit."""

    seq: int
    at: float


def run(server_url: str) -> Iterator[Figure]:
    """Post for a minute at each rate."""
    for rate in _RATES:
        with scratch_ledger(server_url) as engine, TemporaryDirectory() as folder, _worker(engine, folder) as worker:
            programme = open_programme(engine, accounts=_ACCOUNTS)
            _await(folder)
            time.sleep(
                _SETTLING
            )  # tables are opened, and first visited by table maintenance, only once in a worker's life
            began, cpu = time.monotonic(), sum(worker.cpu_times()[:2])
            posted = _post(engine, programme, rate // _BATCHES_PER_SECOND)
            _await(folder, posted[-1].seq)
            share = (sum(worker.cpu_times()[:2]) - cpu) / (time.monotonic() - began)
            delays = sorted(_delays(folder, posted))
        name = f"at {rate} rows/s"
        ideal = Reference("half a tick", 50)
        yield figure(f"freshness p50 {name}", _ms(delays, 0.5), "ms", ideal, target=Target("value", 100, 60))
        yield figure(f"freshness p99 {name}", _ms(delays, 0.99), "ms", ideal, target=Target("value", 250, 150))
        beside, wanted = Reference("a whole core", 100), Target("value", 15, 10) if rate == _RATES[0] else None
        yield figure(f"worker CPU {name}", share * 100, "% of a core", beside, target=wanted)


@contextmanager
def _worker(engine: sa.Engine, folder: str) -> Iterator[psutil.Process]:
    worker = subprocess.Popen([sys.executable, "-I", "-c", _WORKER, url_of(engine), folder])
    try:
        yield psutil.Process(worker.pid)
    finally:
        worker.kill()
        worker.wait()


def _post(engine: sa.Engine, programme: Programme, batch: int) -> list[Posted]:
    writer, chance, posted = BookWriter(engine, programme.book_id), random.Random(1), []
    start = time.monotonic()
    for number in range(_SECONDS * _BATCHES_PER_SECOND):
        time.sleep(max(0.0, start + number / _BATCHES_PER_SECOND - time.monotonic()))
        outcomes = writer.post(uniform_orders(programme, batch, chance))
        last = max(outcome.seq or 0 for outcome in outcomes)
        posted.append(Posted(last, system_clock().timestamp()))
    return posted


def _delays(folder: str, posted: Sequence[Posted]) -> Iterator[float]:
    """Yield the seconds from each batch's commit to the first watermark that covers it, without a tenth of warm-up."""
    marks = sorted(_published(folder))
    seqs = [mark.seq for mark in marks]
    for batch in posted[int(len(posted) * _WARM_UP) :]:
        yield max(0.0, marks[bisect_left(seqs, batch.seq)].at - batch.at)


def _published(folder: str) -> Iterator[Posted]:
    for path in _log(folder).glob("*.json"):
        for line in path.read_text().splitlines():
            action = json.loads(line)
            if "txn" in action:
                yield Posted(action["txn"]["version"], path.stat().st_mtime_ns / 1e9)


def _await(folder: str, seq: int = 1) -> None:
    deadline = time.monotonic() + 60
    while max((mark.seq for mark in _published(folder)), default=0) < seq:
        assert time.monotonic() < deadline, "the worker does not stream"
        time.sleep(0.2)


def _log(folder: str) -> Path:
    return Path(table_url(f"{folder}/lake", "bench", PublishedWatermark), "_delta_log")


def _ms(delays: Sequence[float], share: float) -> float:
    return 1000 * statistics.quantiles(delays, n=1000)[int(share * 1000) - 1]
