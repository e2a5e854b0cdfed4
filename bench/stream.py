"""Streaming: rows per second from the journal into Delta, beside a plain COPY of the same rows to nowhere."""

import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from bench.figures import Figure, Reference, figure
from bench.programmes import open_programme, uniform_orders
from bench.servers import scratch_ledger
from lake.tables import Lake
from ledger.book.lane import Lane
from ledger.events.feed import STREAMED, copy_csv
from ledger.events.journal import head
from ledger.kernel.ids import BookId
from ledger.partners.books import book_named
from pipelines.stream.worker import stream_once

_ACCOUNTS: Final = 20_000
_BATCHES: Final = 30
_BATCH: Final = 10_000


def run(server_url: str) -> Iterator[Figure]:
    """Stream 300,000 transfers with their entries from position zero into an empty lake."""
    with scratch_ledger(server_url) as engine, tempfile.TemporaryDirectory() as folder:
        programme = open_programme(engine, accounts=_ACCOUNTS)
        lane = Lane(engine, programme.book_id)
        for seed in range(_BATCHES):
            lane.post(uniform_orders(programme, _BATCH, random.Random(seed)))
        copied, copy_rate, copy_bytes = _copy_to_nowhere(engine, programme.book_id)
        rows, rate = _backfill(engine, folder)
        assert rows == copied
        yield figure("stream backfill", rate, "rows/s", Reference("plain COPY to nowhere, rows/s", copy_rate))
        stored = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        beside = Reference("the same rows as CSV, B per row", copy_bytes / rows)
        yield figure("stream storage per row, log included", stored / rows, "B", beside)


def _copy_to_nowhere(engine: sa.Engine, book_id: BookId) -> tuple[int, float, int]:
    """Rows, rows per second and bytes of a plain COPY of every streamed table."""
    rows = size = 0
    with engine.connect() as connection:
        upto = head(connection, book_id).last_seq
        started = time.perf_counter()
        for record in STREAMED:
            for chunk in copy_csv(connection, record, book_id, after=0, upto=upto):
                rows += chunk.count(b"\n")
                size += len(chunk)
        seconds = time.perf_counter() - started
    return rows, rows / seconds, size


def _backfill(engine: sa.Engine, folder: str) -> tuple[int, float]:
    lake = Lake(url=f"{folder}/lake", storage_options={}, cache=Path(folder) / "cache")
    with engine.connect() as connection:
        book = book_named(connection, "bench")
    started = time.perf_counter()
    streamed = stream_once(engine, lake, book)
    return streamed.rows, streamed.rows / (time.perf_counter() - started)
