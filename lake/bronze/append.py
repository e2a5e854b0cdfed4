"""The exactly-once append: rows and the journal position that they reach are committed to Delta together.

Delta's application transaction alone is not idempotent: the same, or even a lower, version is accepted again. The order
of steps makes it so: open the table, read its position, compare, and commit at the next version, so that the commit
fails if another writer moved the position in between.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import pyarrow as pa
from deltalake import DeltaTable

from lake.delta.commits import Change, CommitLog
from lake.delta.compaction import InMemoryCompaction, join, level_of
from lake.delta.damage import naming_damage
from lake.delta.files import DataFile, Level, by_day, live_files, write_file
from lake.delta.opening import open_delta, open_log
from lake.delta.statistics import control_totals
from lake.errors import Fenced
from lake.schema import arrow_schema, schema_version
from lake.tables import Lake, bronze_table
from ledger.kernel.record import Record
from ledger.kernel.tracing import FIRST_POSITION, POSITION, TRACING
from ledger.tenancy.records import Book


@dataclass(frozen=True, slots=True)
class PositionRange:
    """A range of the journal: the positions after < seq <= upto, and the chain's hash (hex) at its end."""

    after: int
    upto: int
    chain_hash: str


class TableWriter:
    """Appends to the log of one bronze table, and knows the position that its rows reach."""

    def __init__(self, log: CommitLog, record: type[Record], partition: str | None) -> None:
        self.record: Final = record
        self._log: Final = log
        self._partition: Final = partition
        self._schema: Final = arrow_schema(record)
        self._said: Final = {"schema": schema_version(record)}
        self._measured: Final = bronze_table(record).measured
        self._compaction: Final = InMemoryCompaction()
        self.commits = 0
        """The number of commits of this writer, which maintenance uses."""
        self.opened_at: Final = log.version
        """The version of the table when it was opened."""

    @classmethod
    def open(cls, lake: Lake, book: Book, record: type[Record], *, cluster_id: str, since: int | None = None) -> Self:
        """Open the table, or create it, and compact the small files that are left over there.

        `since` is the last version known to be ours: commits after it are checked. Raises `ForeignLake`, `Misplaced`,
        `Fenced`, and `DamagedLake` if somebody else changed rows or a file is damaged.
        """
        options = bronze_table(record).options()
        table = open_delta(lake, book, record, cluster_id=cluster_id, options=options)
        log = open_log(lake, book.name, record, table, cluster_id=cluster_id)
        if since is not None:
            log.account_for(since)
        writer = cls(log, record, next(iter(table.metadata().partition_columns), None))
        with naming_damage(lake, [(book.name, record)]):
            _join_left_over(log, table, record)
        return writer

    @property
    def mark(self) -> int:
        """The position that the rows reach, as far as this writer knows; 0 in a new table."""
        return self._log.mark

    @property
    def version(self) -> int:
        """The Delta version that this writer knows."""
        return self._log.version

    def require_own(self) -> None:
        """Check that the newest commit of the table exists and is its own: see `CommitLog.require_own`."""
        self._log.require_own()

    def look(self) -> None:
        """Read the commits of others since: see `CommitLog.look`."""
        self._log.look()

    def append(self, rows: pa.Table, reached: PositionRange) -> int:
        """Commit the rows of a range with its end as the new position, and return the number of rows written.

        A range that the table already has is skipped, and one without rows makes no commit. Raises `Fenced` if another
        writer has committed since this one was opened (discard it, and open the table again), the errors of
        `CommitLog.look`, `OSError`, and `ValueError` for a null in a column without nulls.
        """
        if reached.upto <= self.mark or rows.num_rows == 0:
            return 0
        if reached.after < self.mark:
            raise Fenced(f"{self.record.TABLE} holds positions up to {self.mark}; these begin after {reached.after}")
        exact = rows.cast(self._schema)
        written = [
            (self._write([part], partition, level_of(part.num_rows)), part)
            for partition, part in by_day(exact, self._partition)
        ]
        said = {**_said(rows, reached), **self._said}
        with TRACING.span("delta commit") as span:
            self._commit(Change([file for file, _ in written]), said, mark=reached.upto)
            span.set("cofferdam.table", self.record.TABLE)
            span.set("cofferdam.delta_version", self.version)
            span.set(FIRST_POSITION, reached.after + 1)
            span.set(POSITION, reached.upto)
        for file, part in written:
            self._compaction.hold(file, part)
        return int(rows.num_rows)

    def fold(self) -> None:
        """Compact small files as far as it is due. Raises `Fenced`, `OSError`."""
        for group in self._compaction.due():
            self._compact([held.file for held in group], pa.concat_tables([held.rows for held in group]))

    def _compact(self, files: Sequence[DataFile], rows: pa.Table) -> None:
        folded = self._write([rows], files[0].partition, Level(files[0].level + 1))
        if self._commit(Change([folded], files, moved=True), {"folded": str(len(files))}):
            self._compaction.hold(folded, rows)

    def _write(self, parts: Sequence[pa.Table], partition: Mapping[str, str], level: Level) -> DataFile:
        return write_file(self._log.store, parts, partition=partition, measured=self._measured, level=level)

    def _commit(self, change: Change, said: Mapping[str, str], *, mark: int | None = None) -> bool:
        self.commits += 1
        return self._log.enter(change, said, mark=mark)


def _join_left_over(log: CommitLog, table: DeltaTable, record: type[Record]) -> None:
    join(log, [file for file in live_files(table) if file.level < Level.SETTLED], record, level=Level.SETTLED)


def _said(rows: pa.Table, reached: PositionRange) -> dict[str, str]:
    positions = rows["seq"]
    return {
        "rows": str(rows.num_rows),
        "first_seq": str(positions[0]),
        "last_seq": str(positions[-1]),
        "upto_seq": str(reached.upto),
        "chain_hash": reached.chain_hash,
        "control_totals": json.dumps({name: str(total) for name, total in control_totals(rows).items()}),
    }
