"""Commits: the Delta commits, files and chain batches of given journal positions."""

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from lake.bronze.read import files_at
from lake.delta.history import Commit, commits
from lake.tables import table_url
from pipelines.lineage.positions import Positions, positions
from pipelines.lineage.tracing import Tracing, record_of
from pipelines.marts.sources import PinnedBook


@dataclass(frozen=True, slots=True)
class BronzeCommit:
    """A commit of the Delta log, and how many of the traced positions it added."""

    commit: Commit
    positions: int


@dataclass(frozen=True, slots=True)
class BronzeFile:
    """A Parquet file, relative to its table, and how many of the traced positions it holds now."""

    path: str
    positions: int


@dataclass(frozen=True, slots=True)
class Batch:
    """A link of the chain, how many of the traced positions it holds, and the command that proves the first of them."""

    first_seq: int
    last_seq: int
    hash: str
    positions: int
    proof: str


@dataclass(frozen=True, slots=True)
class Source:
    """A bronze table of traced facts: its location, the version that the warehouse read, commits and files.

    `commits_count` and `files_count` count all of them; only the first are listed. `without_commit` are the positions
    whose commit the log no longer names, since old log entries are deleted.
    """

    table: str
    url: str
    version: int
    positions: Positions
    commits_count: int
    commits: list[BronzeCommit]
    without_commit: Positions
    files_count: int
    files: list[BronzeFile]


_BY_COMMIT: Final = """
    SELECT c.version, count(seq), min(seq) FROM traced ASOF JOIN logged c ON traced.seq >= c.first_seq
    WHERE bronze = $table AND seq <= c.last_seq GROUP BY c.version ORDER BY min(seq)
"""
_WITHOUT_COMMIT: Final = """
    FROM traced ASOF LEFT JOIN logged c ON traced.seq >= c.first_seq
    WHERE bronze = $table AND (c.last_seq IS NULL OR seq > c.last_seq)
"""
_BY_FILE: Final = """
    SELECT filename, count(*)
    FROM read_parquet($files, union_by_name = true, filename = true, hive_partitioning = false)
    WHERE seq IN (SELECT seq FROM traced WHERE bronze = $table) GROUP BY filename ORDER BY min(seq)
"""
_BY_BATCH: Final = """
    SELECT b.first_seq, b.seq, b.hash, count(traced.seq), min(traced.seq)
    FROM (SELECT DISTINCT seq FROM traced) traced
    ASOF JOIN (SELECT first_seq, seq, hash FROM lake.journal_batches WHERE book_id = $book) b ON traced.seq <= b.seq
    GROUP BY b.first_seq, b.seq, b.hash ORDER BY b.seq
"""


def source_of(tracing: Tracing, cut: PinnedBook, table: str, *, limit: int) -> Source:
    """Return the commits and files that hold the noted positions of a book's bronze table."""
    record = record_of(table)
    logged = {commit.version: commit for commit in commits(tracing.lake, cut.book_name, record)}
    tracing.warehouse.register("logged", _as_table(logged))
    asked = {"table": table}
    by_commit = tracing.warehouse.execute(_BY_COMMIT, asked).fetchall()
    paths = files_at(tracing.lake, cut.book_name, record, version=None)
    by_file = tracing.warehouse.execute(_BY_FILE, {**asked, "files": paths}).fetchall()
    return Source(
        table=table,
        url=table_url(tracing.lake.url, cut.book_name, record),
        version=cut.watermark.versions[table],
        positions=positions(tracing.warehouse, "FROM traced WHERE bronze = $table", asked, limit=limit),
        commits_count=len(by_commit),
        commits=[BronzeCommit(logged[version], count) for version, count, _ in by_commit[:limit]],
        without_commit=positions(tracing.warehouse, _WITHOUT_COMMIT, asked, limit=limit),
        files_count=len(by_file),
        files=[BronzeFile(path.rsplit(f"/{table}/", 1)[-1], count) for path, count in by_file[:limit]],
    )


def batches(tracing: Tracing, cut: PinnedBook, *, limit: int) -> tuple[int, list[Batch]]:
    """Return the number of chain links that hold the noted positions, and the first of them."""
    rows = tracing.warehouse.execute(_BY_BATCH, {"book": cut.book_id}).fetchall()
    upto = f"--book {cut.book_name} --upto {cut.watermark.seq}"
    return len(rows), [
        Batch(first, last, digest, count, f"cofferdam proof --position {least} {upto}")
        for first, last, digest, count, least in rows[:limit]
    ]


def _as_table(logged: dict[int, Commit]) -> pa.Table:
    names = ("version", "first_seq", "last_seq")
    schema = pa.schema([(name, pa.int64()) for name in names])
    return pa.Table.from_pylist([{name: getattr(each, name) for name in names} for each in logged.values()], schema)
