"""Maintenance of Delta tables: merges settled files, clusters closed days, deletes files replaced long ago.

It runs concurrently with the writer, on table objects of its own. The commit log resolves conflicts: an append rebases
over a maintenance commit, and of two that would remove the same file the second gives up.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from lake.delta.commits import BY_US, Change, CommitLog
from lake.delta.compaction import FAN, join
from lake.delta.files import DataFile, Level, live_files, read_file, write_file
from lake.delta.logs import opened_table
from lake.delta.opening import maintenance_log
from lake.schema import arrow_schema
from lake.tables import Lake, bronze_table
from ledger.kernel.clock import system_clock
from ledger.kernel.record import Record

FILE_BYTES: Final = 16 << 20
"""The size from which a settled file is not merged any further: some 600,000 transfers."""

_ORDER: Final = ("debit_account_no", "credit_account_no")
_SPREADING: Final = (
    (16, 0x0000_FFFF_0000_FFFF),
    (8, 0x00FF_00FF_00FF_00FF),
    (4, 0x0F0F_0F0F_0F0F_0F0F),
    (2, 0x3333_3333_3333_3333),
    (1, 0x5555_5555_5555_5555),
)
_HALVES: Final = "*#[0-9]*"  # temporary names of a local store's client, before an object gets its name
_HALVES_KEPT: Final = timedelta(hours=3)


def opened(lake: Lake, book_name: str, record: type[Record]) -> DeltaTable:
    """Open the table for maintenance. Raises `TableNotFoundError`, `DamagedLake`, `OSError`."""
    return opened_table(lake, book_name, record)


def compact_files(lake: Lake, book_name: str, record: type[Record], table: DeltaTable) -> int:
    """Merge sixteen or more small files that the writer has released, and return by how many files decreased.

    Raises `Fenced` if the table was changed, `OSError`.
    """
    small = [
        file for file in live_files(table) if Level.SETTLED <= file.level <= Level.JOINED and file.size < FILE_BYTES
    ]
    log = maintenance_log(lake, book_name, record, table)
    return sum(join(log, group, record, level=Level.JOINED) for group in _groups(small))


def cluster_closed_days(lake: Lake, book_name: str, record: type[Record], table: DeltaTable) -> int:
    """Sort the rows of each closed day along the Z-order curve of their accounts, and return the number of days.

    A query for one account then reads a few row groups of each day. A day is closed when a row of a later one exists,
    because rows come in the order of their instants; a day whose files are all in order is skipped, and so is one whose
    files were replaced in between. Raises `Fenced` if the table was changed, `OSError`.

    Delta's own client can do it too, but if two processes move the same rows at once, both succeed, and the rows are
    there twice.
    """
    partition = bronze_table(record).partition
    if partition is None or partition not in table.metadata().partition_columns:
        return 0
    days: dict[str, list[DataFile]] = {}
    for file in live_files(table):
        days.setdefault(file.partition[partition], []).append(file)
    days.pop(max(days, default=""), None)
    log = maintenance_log(lake, book_name, record, table)
    unordered = [files for files in days.values() if any(file.level < Level.ORDERED for file in files)]
    return sum(all(_is_ordered(log, group, record) for group in _filled(files)) for files in unordered)


def sweep(table: DeltaTable, *, orphans: bool = False) -> int:
    """Delete replaced files after the table's retention; `orphans`: also delete files that killed writers left.

    Returns the number of deleted files. Looking for orphans lists the whole folder.
    """
    halves = _sweep_halves(table) if orphans else 0
    return halves + len(table.vacuum(dry_run=False, full=orphans, commit_properties=BY_US))


def _is_ordered(log: CommitLog, files: Sequence[DataFile], record: type[Record]) -> bool:
    """Merge files of a day that fit in memory, in the order of accounts, and return whether it is in order."""
    if all(file.level == Level.ORDERED for file in files):
        return True
    rows = pa.concat_tables([read_file(log.store, file, arrow_schema(record)) for file in files])
    measured = bronze_table(record).measured
    ordered = write_file(
        log.store, [_along_curve(rows)], partition=files[0].partition, measured=measured, level=Level.ORDERED
    )
    return log.enter(Change([ordered], files, moved=True), {"ordered": str(len(files))})


def _along_curve(rows: pa.Table) -> pa.Table:
    """Sort along the Z-order curve of the ranks of both accounts, whose bits are interleaved to one number."""
    debit, credit = (_spread(pc.rank(rows[name], tiebreaker="dense")) for name in _ORDER)
    return rows.take(pc.sort_indices(pc.bit_wise_or(debit, pc.shift_left(credit, pa.scalar(1, pa.uint64())))))


def _spread(ranks: pa.Array) -> pa.Array:
    """Insert a zero between every two bits of a number below 2^32."""
    spread = ranks.cast(pa.uint64())
    for shift, mask in _SPREADING:
        wide = pc.shift_left(spread, pa.scalar(shift, pa.uint64()))
        spread = pc.bit_wise_and(pc.bit_wise_or(spread, wide), pa.scalar(mask, pa.uint64()))
    return spread


def _sweep_halves(table: DeltaTable) -> int:
    """Delete partial uploads that a killed process left in a folder; Delta does not list them."""
    address, newest = urlsplit(table.table_uri), (system_clock() - _HALVES_KEPT).timestamp()
    if address.scheme != "file":
        return 0
    return sum(_is_swept(path, newest) for path in Path(unquote(address.path)).rglob(_HALVES))


def _is_swept(half: Path, newest: float) -> bool:
    try:
        if half.stat().st_mtime >= newest:
            return False
        half.unlink()
    except FileNotFoundError:  # it has just been renamed
        return False
    return True


def _groups(files: Sequence[DataFile]) -> Iterator[list[DataFile]]:
    """Yield groups of sixteen or more adjacent files of one partition, up to the size of a large file."""
    parted: dict[str, list[DataFile]] = {}
    for file in files:
        parted.setdefault(str(file.partition), []).append(file)
    for group in parted.values():
        if len(group) >= FAN:
            yield from _filled(group)


def _filled(files: Sequence[DataFile]) -> Iterator[list[DataFile]]:
    group: list[DataFile] = []
    for file in files:
        if group and sum(each.size for each in group) + file.size > FILE_BYTES:
            yield group
            group = []
        group.append(file)
    yield group
