"""Checkpoints of Delta logs: readers start at the newest one, so that they read few entries however many there are."""

from collections import Counter
from typing import Final, NamedTuple

from deltalake import DeltaTable

from lake.delta.files import live_files
from lake.delta.logs import checkpointed
from lake.delta.maintenance import FILE_BYTES, opened
from lake.delta.store import ObjectStore
from lake.tables import Lake, table_url
from ledger.kernel.record import Record

COMMITS_PER_CHECKPOINT: Final = 200
"""The number of commits of a table after which its log gets a checkpoint."""


class Disorder(NamedTuple):
    """Measures that maintenance keeps low: small files in the worst partition, and log entries to read."""

    files: int
    log_entries: int


def disorder(lake: Lake, book_name: str, record: type[Record]) -> Disorder:
    """Measure the overhead for readers of the table beyond its rows. Raises `TableNotFoundError`, `OSError`."""
    table = opened(lake, book_name, record)
    partitions = Counter(str(file.partition) for file in live_files(table) if file.size < FILE_BYTES)
    return Disorder(max(partitions.values(), default=0), table.version() - _last(lake, book_name, record))


def checkpoint(table: DeltaTable) -> None:
    """Write a checkpoint at the newest version, and drop expired entries before it."""
    table.update_incremental()
    table.create_checkpoint()
    table.cleanup_metadata()


def checkpoint_when_due(lake: Lake, book_name: str, record: type[Record]) -> None:
    """Write a checkpoint if there are many entries after the last one; for callers that count no commits.

    Raises the errors of `disorder`.
    """
    table = opened(lake, book_name, record)
    if table.version() - _last(lake, book_name, record) >= COMMITS_PER_CHECKPOINT:
        checkpoint(table)


def _last(lake: Lake, book_name: str, record: type[Record]) -> int:
    """Return the version of the last checkpoint; 0 before the first."""
    return max(checkpointed(ObjectStore(lake, table_url(lake.url, book_name, record))), 0)
