"""Streaming: backfill and steady stream of the journal into Delta, beside dlt, ADBC and a plain COPY to nowhere."""

import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import sqlalchemy as sa

from bench.figures import Figure, Reference, Target, figure
from bench.programmes import Programme, open_programme, uniform_orders
from bench.servers import scratch_ledger, url_of
from ledger.book.posting.writer import BookWriter
from ledger.book.records.transfers import Transfer
from ledger.journal.feed import copy_csv, rows_query
from ledger.journal.journal import head
from ledger.kernel.engines import create_engine
from ledger.kernel.ids import BookId
from ledger.records import STREAMED
from pipelines.stream.rows import RecordRange, columnar_url, read_columns, read_rows
from pipelines.stream.worker import feed_connection

_ACCOUNTS: Final = 20_000
_TRANSFERS: Final = 1_000_000
_LARGE: Final = 10_000
_SMALL: Final = 20
_SMALL_BATCHES: Final = 5_000
_ROUNDS: Final = 3
_BACKENDS: Final = ("sqlalchemy", "pyarrow", "connectorx")  # of dlt; the first is its default
_HERE: Final = Path(__file__).parent
_PEERS: Final = (
    "dlt[deltalake,sql_database]>=1.31,<2",
    "sqlalchemy>=2",  # an older pip does not find it by dlt's own extra
    "psycopg[binary]>=3.2",
    "connectorx>=0.4",
    "adbc-driver-postgresql>=1.7",
    "pyarrow>=20",
)


class Moved(NamedTuple):
    """Streamed rows with the seconds and CPU seconds spent, and the peak memory (MB)."""

    rows: int
    seconds: float
    cpu_seconds: float
    peak_mb: float

    @property
    def rate(self) -> float:
        """Rows per wall second."""
        return self.rows / self.seconds


def run(server_url: str) -> Iterator[Figure]:
    """Stream a million transfers that were posted in large batches, then a hundred thousand posted in small ones."""
    with TemporaryDirectory() as folder:
        with scratch_ledger(server_url) as engine:
            programme = open_programme(engine, accounts=_ACCOUNTS)
            _post(engine, programme, _TRANSFERS // _LARGE, _LARGE)
            yield from _backfill(engine, Path(folder))
            yield from _fetches(engine, programme.book_id, Path(folder))
        with scratch_ledger(server_url) as engine:
            programme = open_programme(engine, accounts=_ACCOUNTS)
            _post(engine, programme, _SMALL_BATCHES, _SMALL)
            yield from _steady(engine, programme.book_id, Path(folder))


def _backfill(engine: sa.Engine, folder: Path) -> Iterator[Figure]:
    ours = max((_drained(engine, folder / "ours") for _ in range(_ROUNDS)), key=lambda moved: moved.rate)
    stored = sum(path.stat().st_size for path in (folder / "ours" / "lake").rglob("*") if path.is_file())
    python = _environment(folder)
    address = columnar_url(engine.url).replace("postgresql://", "postgresql+psycopg://", 1)
    dlt = {}
    for backend in _BACKENDS:
        shutil.rmtree(folder / "dlt", ignore_errors=True)
        dlt[backend] = _figures([str(python), str(_HERE / "dlt_peer.py"), address, str(folder / "dlt"), backend])
    theirs = Reference("dlt as it comes, rows/s", dlt["sqlalchemy"].rate)
    yield figure("backfill", ours.rate, "rows/s", theirs, target=Target("ratio", 10, 15))
    columns = Reference("dlt by way of pyarrow, rows/s", dlt["pyarrow"].rate)
    yield figure("backfill beside dlt by pyarrow", ours.rate, "rows/s", columns)
    with feed_connection(engine) as connection:
        copied = _copied(connection, BookId(1))
    yield figure("backfill beside a plain COPY", ours.rate, "rows/s", copied, target=Target("value", 250_000, 400_000))
    fast = Reference("dlt by way of ConnectorX, rows/s", dlt["connectorx"].rate)
    yield figure("backfill beside dlt by ConnectorX", ours.rate, "rows/s", fast)
    memory = Reference("dlt as it comes, MB", dlt["sqlalchemy"].peak_mb)
    yield figure("backfill peak memory", ours.peak_mb, "MB", memory, target=Target("value", 800, 400))
    spent = Reference("dlt as it comes, us per row", dlt["sqlalchemy"].cpu_seconds / dlt["sqlalchemy"].rows * 1e6)
    yield figure("backfill CPU per row", ours.cpu_seconds / ours.rows * 1e6, "us", spent)
    bound = Reference("bytes wished for", 70)
    yield figure("storage per row, log included", stored / ours.rows, "B", bound, target=Target("value", 70, 40))


def _fetches(engine: sa.Engine, book_id: BookId, folder: Path) -> Iterator[Figure]:
    """Compare the three ways to fetch columns, two of which are in use."""
    span, rows = RecordRange(Transfer, _ACCOUNTS, _ACCOUNTS + _TRANSFERS // 2), 0
    with feed_connection(engine) as connection:
        began = time.perf_counter()
        for after in range(span.after, span.upto, 100_000):
            rows += read_rows(
                connection, book_id, RecordRange(Transfer, after, min(after + 100_000, span.upto))
            ).num_rows
        copied = Reference("COPY and a CSV reader, rows/s", rows / (time.perf_counter() - began))
    query = rows_query(span.record, book_id, after=span.after, upto=span.upto)
    adbc = _figures([str(_environment(folder)), str(_HERE / "adbc_peer.py"), columnar_url(engine.url), query])
    yield figure("fetch by ADBC", adbc.rate, "rows/s", copied)
    began, rows = time.perf_counter(), 0
    for after in range(span.after, span.upto, 100_000):
        wanted = RecordRange(Transfer, after, min(after + 100_000, span.upto))
        rows += read_columns(columnar_url(engine.url), book_id, wanted).num_rows
    yield figure("fetch by ConnectorX", rows / (time.perf_counter() - began), "rows/s", copied)


def _steady(engine: sa.Engine, book_id: BookId, folder: Path) -> Iterator[Figure]:
    moved = max((_drained(engine, folder / "small") for _ in range(_ROUNDS)), key=lambda each: each.rate)
    with feed_connection(engine) as connection:
        copied = _copied(connection, book_id)
    name = f"changes in batches of {_SMALL}, Delta commits included"
    yield figure(name, moved.rate, "rows/s", copied, target=Target("value", 100_000, 200_000))


def _post(engine: sa.Engine, programme: Programme, batches: int, size: int) -> None:
    writer = BookWriter(engine, programme.book_id)
    for seed in range(batches):
        writer.post(uniform_orders(programme, size, random.Random(seed)))


def _copied(connection: sa.Connection, book_id: BookId) -> Reference:
    rows, upto, began = 0, head(connection, book_id).last_seq, time.perf_counter()
    for record in STREAMED:
        rows += sum(chunk.count(b"\n") for chunk in copy_csv(connection, record, book_id, after=0, upto=upto))
    return Reference("plain COPY to nowhere, rows/s", rows / (time.perf_counter() - began))


def _drained(engine: sa.Engine, folder: Path) -> Moved:
    shutil.rmtree(folder, ignore_errors=True)
    with create_engine(url_of(engine), role=None).begin() as owner:  # each round has a new lake: nothing is lost
        owner.execute(sa.text("DELETE FROM acknowledged_watermarks"))
    return _figures([sys.executable, "-I", "-m", "bench.drain", url_of(engine), "bench", str(folder)])


def _figures(command: Sequence[str]) -> Moved:
    answer = subprocess.run(command, check=False, capture_output=True, text=True)
    if answer.returncode != 0:
        raise RuntimeError(f"{command[-2]} of the benchmark failed: {answer.stderr.strip()[-500:]}")
    return Moved(**json.loads(answer.stdout.strip().splitlines()[-1]))


def _environment(folder: Path) -> Path:
    """Return the Python of an environment with the peers, created at the first call."""
    python = folder / "peers" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / "peers")], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_PEERS]
        subprocess.run(install, check=True)
    return python
