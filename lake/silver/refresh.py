"""The refresh of silver: brings each of its tables from its own position to a watermark's, range by range.

    1. open every table; its own log has the position of its rows
    2. a range begins at the lowest position, and ends at the watermark, the next table's position, or when it is full
    3. read the rows of bronze in it, and compute the changes of each table at its beginning
    4. per table: commit the changes with the range's end as its new position; back to 2

If a process is killed, tables may be at different positions; the next refresh starts each at its own.
"""

from contextlib import ExitStack
from typing import Final, Self

import pyarrow as pa

from lake.bronze.read import Watermark, files_of
from lake.delta.damage import naming_damage
from lake.duckdb_sessions import opened_memory
from lake.silver.changes import BronzeRows, account_changes, day_changes, hold_changes
from lake.silver.rows import COLUMNS, BronzeReader, touched_accounts
from lake.silver.tables import SILVER, AccountDay, CurrentAccount, StandingHold
from lake.silver.write import SilverWriter
from lake.tables import Lake
from ledger.tenancy.records import Book

_POSITIONS_MAX: Final = 100_000
"""Maximum number of positions in one range, so that a first build takes bounded memory."""

_ENGINE: Final = "SET threads = 1; SET memory_limit = '256MB'; SET TimeZone = 'UTC'"
"""Settings for a refresh of a few milliseconds, for which more threads only cost more."""


class SilverTables:
    """Open tables of a book's bronze and silver, used by one thread."""

    def __init__(self, lake: Lake, bronze: Lake, book: Book, writers: list[SilverWriter]) -> None:
        self._lake: Final = lake
        self._bronze_lake: Final = bronze
        self._book: Final = book
        self._writers: Final = writers
        self._bronze: Final = BronzeReader(bronze, book.name)
        self._held: Final = ExitStack()
        self._memory: Final = self._held.enter_context(opened_memory())
        self._memory.execute(_ENGINE)

    @classmethod
    def open(cls, lake: Lake, book: Book, *, cluster_id: str, bronze: Lake | None = None) -> Self:
        """Open the tables of silver, or create them; `bronze` is its lake if it is another one.

        Raises `ForeignLake`.
        """
        writers = [SilverWriter.open(lake, book, declared, cluster_id=cluster_id) for declared in SILVER]
        return cls(lake, bronze or lake, book, writers)

    def refresh(self, cut: Watermark) -> bool:
        """Bring every table to the watermark, and return whether any of them changed its position.

        Raises `Fenced` if another worker has written, `DamagedLake` if a file is damaged, and `OSError`, `DeltaError`
        or `duckdb.Error` if the lake fails: close this one, and open the tables again.
        """
        silver = [(self._book.name, declared.record) for declared in SILVER]
        with (
            naming_damage(self._lake, silver),
            naming_damage(self._bronze_lake, [(self._book.name, record) for record in COLUMNS]),
        ):
            return self._refresh(cut)

    def close(self) -> None:
        """Release the engine's memory."""
        self._held.close()

    def _refresh(self, cut: Watermark) -> bool:
        began = self._lowest
        while (after := self._lowest) < cut.seq:
            behind = [writer for writer in self._writers if writer.mark == after]
            beyond = [writer.mark for writer in self._writers if writer.mark > after]
            upto = min(after + _POSITIONS_MAX, cut.seq, *beyond)
            rows = self._bronze.rows(self._memory, cut, after=after, upto=upto)
            for writer in behind:
                writer.apply(self._changes(writer, rows, cut), after=after, upto=upto)
                writer.tidy()
        return began < cut.seq

    @property
    def _lowest(self) -> int:
        return min(writer.mark for writer in self._writers)

    def _changes(self, writer: SilverWriter, rows: BronzeRows, cut: Watermark) -> pa.Table:
        record = writer.declared.record
        if record is AccountDay:
            return day_changes(rows, self._bronze.calendar(self._memory, cut))
        if record is StandingHold:
            return hold_changes(rows)
        assert record is CurrentAccount, f"{record.__name__} follows from bronze by a function of its own"
        files = files_of(self._lake, self._book.name, record, writer.table)
        present = touched_accounts(self._memory, rows, files)
        return account_changes(self._memory, rows, present)
