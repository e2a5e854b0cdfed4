"""Compaction in memory: merges small new files into one, from rows that are still in memory, before reads slow down.

A log-structured merge with a fan-out of 16: sixteen new files become one of the first level, sixteen of those one of
the second, which stays. So a table with a commit every tick has some thirty small files at most, each row is written
three times in all, and compaction reads nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import pyarrow as pa

from lake.delta.commits import Change, CommitLog
from lake.delta.files import DataFile, Level, read_file, write_file
from lake.schema import arrow_schema
from lake.tables import bronze_table
from ledger.kernel.record import Record

FAN: Final = 16
"""The number of files of one level that become one of the next."""

ROWS_SETTLED: Final = 20_000
"""The number of rows at which files are compacted at once, so that no more rows are held in memory."""


class Held(NamedTuple):
    """A live file whose rows are still in memory."""

    file: DataFile
    rows: pa.Table


class InMemoryCompaction:
    """The small files of one table that this process wrote, by partition and level, oldest first."""

    def __init__(self) -> None:
        self._held: Final[dict[tuple[str, Level], list[Held]]] = {}

    def hold(self, file: DataFile, rows: pa.Table) -> None:
        """Keep the rows of a committed file, unless its level is final."""
        if file.level < Level.SETTLED:
            self._held.setdefault((str(file.partition), file.level), []).append(Held(file, rows))

    def due(self) -> Iterator[Sequence[Held]]:
        """Take out each group that is due for compaction; the result may be held again, and become due again."""
        while key := next((key for key, group in self._held.items() if _is_due(group)), None):
            yield self._held.pop(key)


def join(log: CommitLog, files: Sequence[DataFile], record: type[Record], *, level: Level) -> int:
    """Merge files from earlier processes into one for each partition, and return by how many the files decreased.

    Files come in the order of their first positions, and are read one after another, so that memory holds the rows of
    two. Raises `Fenced`, `OSError`.
    """
    schema, measured = arrow_schema(record), bronze_table(record).measured
    gone = 0
    for group in _by_partition(files):
        parts = _in_order(read_file(log.store, file, schema) for file in group)
        joined = write_file(log.store, parts, partition=group[0].partition, measured=measured, level=level)
        if log.enter(Change([joined], group, moved=True), {"joined": str(len(group))}):
            gone += len(group) - 1
    return gone


def level_of(rows: int) -> Level:
    """Return the initial level of a file with this number of rows."""
    return Level.SETTLED if rows >= ROWS_SETTLED else Level.NEW


def _in_order(parts: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield rows in the order of their positions: a part that overlaps the next one is merged with it.

    That is rare: a killed worker left a small file, or a large one came between two that were compacted.
    """
    held: pa.Table | None = None
    for part in parts:
        if held is not None and held["seq"][-1].as_py() > part["seq"][0].as_py():
            held = pa.concat_tables([held, part]).sort_by("seq")
            continue
        if held is not None:
            yield held
        held = part
    if held is not None:
        yield held


def _is_due(group: Sequence[Held]) -> bool:
    return len(group) >= FAN or (len(group) > 1 and sum(held.file.rows for held in group) >= ROWS_SETTLED)


def _by_partition(files: Sequence[DataFile]) -> Iterator[list[DataFile]]:
    groups: dict[str, list[DataFile]] = {}
    for file in files:
        groups.setdefault(str(file.partition), []).append(file)
    return (group for group in groups.values() if len(group) > 1)
