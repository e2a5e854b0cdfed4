"""Upkeep of Delta tables: joins small files and deletes what was replaced long ago, unnoticed by readers."""

from typing import Final

from deltalake import DeltaTable

from lake.delta import COMPRESSION
from lake.write import TableWriter

SMALL_FILES_MAX: Final = 100
"""A commit costs 5 ms of CPU and 0.09 ms more per live file (measured), so their number is bounded."""

FILE_BYTES: Final = 32 << 20
"""How large a joined file becomes: a growing one is written anew with each compaction, so it stays moderate."""


def tidy(writer: TableWriter) -> bool:
    """Join the table's small files once there are too many; whether it was done.

    The versions before stay readable until `sweep` deletes their files, a week later at the earliest.
    """
    if writer.small_files < SMALL_FILES_MAX:
        return False
    writer.table.optimize.compact(target_size=FILE_BYTES, writer_properties=COMPRESSION)
    writer.small_files = 0
    sweep(writer.table)
    return True


def sweep(table: DeltaTable, *, orphans: bool = False) -> int:
    """Delete replaced files that are older than the table keeps them; `orphans`: also what killed writers left.

    Returns how many files were deleted. Looking for orphans lists the whole folder, so that it is done when a worker
    opens the table, and not at every compaction.
    """
    return len(table.vacuum(dry_run=False, full=orphans))
