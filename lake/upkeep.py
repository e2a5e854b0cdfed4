"""Upkeep of Delta tables: joins settled files, orders closed days, deletes what is long replaced.

It works beside the writer, through handles of its own, and never touches the files that the writer still folds. Delta's
own rules of conflict hold the two apart: an append passes an upkeep commit, and of two that would remove the same file
the second gives up.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from deltalake import DeltaTable, WriterProperties
from deltalake.exceptions import CommitFailedError

from lake.delta import keeper_log
from lake.files import DataFile, Level
from lake.folding import FAN, join
from lake.read import live_files
from lake.tables import Lake, bronze_table, table_url
from ledger.kernel.clock import system_clock
from ledger.kernel.record import Record

FILE_BYTES: Final = 16 << 20
"""A settled file of this size is joined no further: some 600,000 transfers."""

COMPRESSION: Final = WriterProperties(compression="ZSTD", compression_level=3)
"""Measured on transfers: 62 B a row, where snappy takes 110 at the same speed."""

_ORDER: Final = ("debit_account_no", "credit_account_no")
_SPILL_BYTES: Final = 256 << 20
_HALVES: Final = "*#[0-9]*"  # what a folder's client writes to before it gives an object its name
_HALVES_KEPT: Final = timedelta(hours=3)


def opened(lake: Lake, book_name: str, record: type[Record]) -> DeltaTable:
    """A handle of one who keeps the table. Raises `TableNotFoundError`, `OSError`."""
    return DeltaTable(table_url(lake.url, book_name, record), storage_options=lake.storage_options)


def join_settled(lake: Lake, book_name: str, record: type[Record], table: DeltaTable) -> int:
    """Make large files of small ones that the writer has let go, once there are sixteen; how many files are gone.

    Raises `Fenced` where the table was changed, `OSError`.
    """
    small = [
        file for file in live_files(table) if Level.SETTLED <= file.level <= Level.JOINED and file.size < FILE_BYTES
    ]
    log = keeper_log(lake, book_name, record, table)
    return sum(join(log, group, record, level=Level.JOINED) for group in _groups(small))


def order_closed_days(table: DeltaTable, record: type[Record]) -> int:
    """Sort the rows of each day that is over along the Z-order curve of their accounts; how many days were sorted.

    Whoever asks for one account then reads a few files of each day. A day is over when a row of a later one is there,
    for rows come in the order of their instants; one whose files are all in order is left alone.
    """
    partition = bronze_table(record).partition
    if partition is None or partition not in table.metadata().partition_columns:
        return 0
    unordered = {file.partition[partition] for file in live_files(table) if file.level < Level.ORDERED}
    newest = max((file.partition[partition] for file in live_files(table)), default="")
    closed = sorted(day for day in unordered if day < newest)
    for day in closed:
        with suppress(CommitFailedError):  # the writer has just joined files of that day: it is done at the next look
            table.optimize.z_order(
                _ORDER,
                partition_filters=[(partition, "=", day)],
                writer_properties=COMPRESSION,
                max_spill_size=_SPILL_BYTES,
            )
    return len(closed)


def sweep(table: DeltaTable, *, orphans: bool = False) -> int:
    """Delete replaced files that are older than the table keeps them; `orphans`: also what killed writers left.

    Returns how many files were deleted. Looking for orphans lists the whole folder.
    """
    halves = _sweep_halves(table) if orphans else 0
    return halves + len(table.vacuum(dry_run=False, full=orphans))


def _sweep_halves(table: DeltaTable) -> int:
    """Delete the halves of objects that were being written to a folder when somebody was killed; Delta lists none."""
    address, newest = urlsplit(table.table_uri), (system_clock() - _HALVES_KEPT).timestamp()
    if address.scheme != "file":
        return 0
    return sum(_is_swept(path, newest) for path in Path(unquote(address.path)).rglob(_HALVES))


def _is_swept(half: Path, newest: float) -> bool:
    try:
        if half.stat().st_mtime >= newest:
            return False
        half.unlink()
    except FileNotFoundError:  # it was about to get its name
        return False
    return True


def _groups(files: Sequence[DataFile]) -> Iterator[list[DataFile]]:
    """Files of one partition side by side, sixteen or more of them, up to the size of a large file."""
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
