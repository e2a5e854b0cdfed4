"""Scanning: the cost of reading a table after ten thousand small commits, beside the same rows in one file."""

import statistics
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from bench.figures import Figure, Reference, Target, figure
from lake.bronze.append import PositionRange, TableWriter
from lake.bronze.read import files_at
from lake.delta.maintenance import compact_files, opened
from lake.schema import arrow_schema
from lake.tables import Lake
from ledger.book.records.transfers import Transfer
from ledger.kernel.ids import BookId
from ledger.tenancy.records import Book
from pipelines.stream.maintenance import COMMITS_PER_COMPACTION

_COMMITS: Final = 10_239  # ends right before a second-level compaction, with the most small files live
_ROWS: Final = 50
_ROUNDS: Final = 15
_NOON: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
_BOOK: Final = "bench"
_QUERY: Final = """
    SELECT credit_account_no, count(*), sum(amount_minor)
    FROM read_parquet($files, hive_partitioning = false)
    GROUP BY credit_account_no
"""


def run(_server_url: str) -> Iterator[Figure]:
    """Commit like the stream with its in-memory compaction, and scan without any further maintenance."""
    with TemporaryDirectory() as folder:
        lake = Lake(f"{folder}/lake", {}, Path(folder, "cache"))
        book = Book(book_id=BookId(1), name=_BOOK, jurisdiction="US", currency="USD", created_at=_NOON)
        writer = TableWriter.open(lake, book, Transfer, cluster_id="1")
        cpu = time.process_time()
        for number in range(_COMMITS):
            _commit(writer, number)
            if number % COMMITS_PER_COMPACTION == 0:
                compact_files(lake, _BOOK, Transfer, opened(lake, _BOOK, Transfer))
        spent = (time.process_time() - cpu) / _COMMITS * 1000
        many = files_at(lake, _BOOK, Transfer, version=None)
        one = _whole(many, Path(folder, "one.parquet"))
        beside = Reference("one file, ms of CPU", _scanned([one]))
        yield figure(f"scan of {len(many)} files", _scanned(many), "ms", beside, target=Target("ratio", 1.3, 1.1))
        yield figure("a commit, upkeep included", spent, "ms", Reference("a whole tick", 100))


def _commit(writer: TableWriter, number: int) -> None:
    after = number * _ROWS
    writer.append(_rows(after), PositionRange(after, after + _ROWS, "00"))
    writer.fold()


def _rows(after: int) -> pa.Table:
    """Return rows like the journal's: rising positions and instants, varying accounts and amounts."""
    seqs = range(after + 1, after + _ROWS + 1)
    varied = {
        "seq": list(seqs),
        "recorded_at": [_NOON + timedelta(milliseconds=seq) for seq in seqs],
        "effective_at": [_NOON + timedelta(milliseconds=seq) for seq in seqs],
        "transfer_id": [f"{seq * 2654435761 % 2**64:032x}" for seq in seqs],
        "amount_minor": [seq * 7919 % 100_000 for seq in seqs],
        "debit_account_no": [seq * 31 % 20_000 for seq in seqs],
        "credit_account_no": [seq * 17 % 20_000 for seq in seqs],
    }
    same = {"kind": "transfer", "currency": "USD", "code": "payment", "booked_on": date(2026, 3, 1)}
    columns = []
    for field in arrow_schema(Transfer):
        fallback = None if field.nullable else 1
        columns.append(pa.array(varied.get(field.name, [same.get(field.name, fallback)] * _ROWS), field.type))
    return pa.table(columns, schema=arrow_schema(Transfer))


def _whole(paths: Sequence[str], target: Path) -> str:
    rows = pa.concat_tables([pq.read_table(path, partitioning=None) for path in paths]).sort_by("seq")
    pq.write_table(rows, target, compression="zstd", compression_level=1)
    return str(target)


def _scanned(paths: Sequence[str]) -> float:
    """Return the CPU milliseconds of one scan in DuckDB: the median of several."""
    spent = []
    with duckdb.connect() as memory:
        for _ in range(_ROUNDS):
            began = time.process_time()
            memory.execute(_QUERY, {"files": list(paths)}).fetchall()
            spent.append((time.process_time() - began) * 1000)
    return statistics.median(spent)
