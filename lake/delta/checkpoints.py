"""Checkpoints of Delta logs: readers begin at the newest one, so that they read few entries whatever was committed."""

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
"""After so many commits of a table, its log gets a checkpoint."""


class Disorder(NamedTuple):
    """What upkeep keeps small: files to be folded or joined in the worst partition, and log entries to be read."""

    files: int
    log_entries: int


def disorder(lake: Lake, book_name: str, record: type[Record]) -> Disorder:
    """How much a reader of the table has to go through beyond its rows. Raises `TableNotFoundError`, `OSError`."""
    table = opened(lake, book_name, record)
    partitions = Counter(str(file.partition) for file in live_files(table) if file.size < FILE_BYTES)
    return Disorder(max(partitions.values(), default=0), table.version() - _last(lake, book_name, record))


def checkpoint(table: DeltaTable) -> None:
    """Write a checkpoint at the newest version, and drop the entries before it that are past their time."""
    table.update_incremental()
    table.create_checkpoint()
    table.cleanup_metadata()


def checkpoint_when_due(lake: Lake, book_name: str, record: type[Record]) -> None:
    """The same where many entries have gathered, for who only comes by and keeps no count. Raises as `disorder`."""
    table = opened(lake, book_name, record)
    if table.version() - _last(lake, book_name, record) >= COMMITS_PER_CHECKPOINT:
        checkpoint(table)


def _last(lake: Lake, book_name: str, record: type[Record]) -> int:
    """The version of the last checkpoint; 0 before the first."""
    return max(checkpointed(ObjectStore(lake, table_url(lake.url, book_name, record))), 0)
