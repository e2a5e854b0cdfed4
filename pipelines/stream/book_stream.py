"""The stream of one book: brings all its tables to the next batch end, then publishes the watermark.

    1. lock the book, open every table, read the position of each, compare them with the acknowledged ones
    2. find the next batch end to stream to
    3. per table: fetch the rows after its own position up to that batch end, and append them in one commit with it
    4. check that every table still ends with this worker's commit; publish the watermark: the position, with the
       version of every table; acknowledge it to the ledger; compact small files; back to 2

A worker that dies at any point leaves tables at different positions and the watermark behind them. Step 3 starts each
table at its own position, so the next worker writes exactly the missing rows, including rows that the lake has lost.
"""

import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Final, NamedTuple, Self

import sqlalchemy as sa

from lake.bronze.append import PositionRange, TableWriter
from lake.bronze.publish import WatermarkWriter
from lake.bronze.read import Watermark
from lake.bronze.replacement import require_no_exchange
from lake.delta.logs import is_there
from lake.errors import DamagedLake, Fenced, ForeignLake
from lake.tables import Lake, PublishedWatermark
from ledger.journal.acknowledgements import Acknowledgement, acknowledge, acknowledged_watermark
from ledger.journal.batches import BatchEnd, chain_hash_at, next_batch_end
from ledger.journal.feed import cluster_id
from ledger.kernel.record import Record
from ledger.records import STREAMED
from ledger.tenancy.records import Book
from pipelines.stream.locks import Lock, release, try_lock
from pipelines.stream.rows import LONG, RecordRange, RowFinder, RowReader

_LOOKS_AT_ONCE: Final = 20

POSITIONS_MAX: Final = 100_000
"""Positions per commit: some 100 MB of memory for the fetched and encoded rows."""

_log = logging.getLogger("cofferdam.stream")


@dataclass(frozen=True, slots=True)
class Streamed:
    """The result of an advance: the new watermark's position, and the number of rows."""

    seq: int
    rows: int


class Held(NamedTuple):
    """The open writers of a book's tables, and their lake."""

    lake: Lake
    tables: Sequence[TableWriter]
    watermarks: WatermarkWriter


class BookStream:
    """A locked book with open writers of its tables; only the holder of the lock writes to the book's lake."""

    def __init__(self, book: Book, held: Held, *, url: sa.URL, cluster_id: str) -> None:
        self.book: Final = book
        self.lake: Final = held.lake
        self.cluster_id: Final = cluster_id
        self.tables: Final = {table.record: table for table in held.tables}
        self.watermarks: Final = held.watermarks
        self._reader: Final = RowReader(url, book.book_id)
        self._finder: Final = RowFinder(tuple(self.tables), book.book_id)
        self._is_acknowledged = True
        self._searched: Final = {table.record: table.mark for table in held.tables}
        self._ahead: BatchEnd | None = None
        self._looks: Final = None if held.lake.is_local else ThreadPoolExecutor(_LOOKS_AT_ONCE, "look")
        self._look_seconds: Final = 1.0 if held.lake.is_local else 5.0  # in an object store each check costs requests
        self._looked_at = time.monotonic()
        self.is_behind = False
        """True if the lake lost rows that it had: the next advance writes them again, even if the journal is idle."""

    @classmethod
    def open(cls, connection: sa.Connection, lake: Lake, book: Book) -> Self:
        """Lock the book and open its tables.

        Raises `Fenced` while another worker has the lock, `ForeignLake`, `Misplaced`, and `DamagedLake` if somebody
        else changed rows, if nothing is left of the acknowledged state, or if an exchange of tables was interrupted.
        """
        if not try_lock(connection, Lock.STREAM, book):
            raise Fenced(f"another worker streams book {book.name!r}")
        with ExitStack() as undo:
            undo.callback(release, connection, book)
            stream = cls._opened(connection, lake, book)
            undo.pop_all()
        return stream

    @classmethod
    def apart(cls, connection: sa.Connection, lake: Lake, book: Book, records: Sequence[type[Record]]) -> Self:
        """Open tables in a separate place without other writers; nothing is acknowledged, and no lock is needed."""
        cluster = cluster_id(connection)
        watermarks = WatermarkWriter.open(lake, book, cluster_id=cluster)
        tables = [TableWriter.open(lake, book, record, cluster_id=cluster) for record in records]
        stream = cls(book, Held(lake, tables, watermarks), url=connection.engine.url, cluster_id=cluster)
        stream._is_acknowledged = False
        return stream

    @classmethod
    def _opened(cls, connection: sa.Connection, lake: Lake, book: Book) -> Self:
        require_no_exchange(lake, book.name)
        cluster, told = cluster_id(connection), acknowledged_watermark(connection, book.book_id)
        if told is not None:
            _require_anything(lake, book, told)
        watermarks = WatermarkWriter.open(lake, book, cluster_id=cluster)
        known = told.versions if told else watermarks.newest.versions if watermarks.newest else {}
        tables = [
            TableWriter.open(lake, book, record, cluster_id=cluster, since=known.get(record.TABLE))
            for record in STREAMED
        ]
        stream = cls(book, Held(lake, tables, watermarks), url=connection.engine.url, cluster_id=cluster)
        stream._require_one_history(connection)
        stream._note_losses(connection, known, told.seq if told else stream.seq)
        if told is None and watermarks.newest is not None:  # the lake is older than the first acknowledgement
            acknowledge(connection, book.book_id, Acknowledgement(**asdict(watermarks.newest)))
        return stream

    @property
    def seq(self) -> int:
        """The position of the newest watermark; 0 before the first."""
        return self.watermarks.newest.seq if self.watermarks.newest else 0

    def advance(self, connection: sa.Connection) -> Streamed | None:
        """Bring every table to the next batch end and publish it; returns None if the journal has nothing new.

        Raises `Fenced` if another worker wrote and `LostCommit` if a table lost its newest commit: drop this object,
        and open the book anew; `DamagedLake` if somebody else changed rows.
        """
        if self.is_due_for_a_look:
            self.look_around()
        started = max(self._searched.values())  # equal to `seq`, or beyond it after a worker was killed
        cut = self._ahead or next_batch_end(
            connection, self.book.book_id, positions_max=POSITIONS_MAX, after=self.seq, at_least=started
        )
        self._ahead = None
        if cut is None and self.is_behind and self.watermarks.newest is not None:
            cut = BatchEnd(self.watermarks.newest.seq, self.watermarks.newest.chain_hash)
        if cut is None:
            return None
        found = self._finder.with_rows(connection, self._searched, upto=cut.seq)
        self._searched.update({record: cut.seq for record in self.tables if record not in found})
        rows = sum(self._append(connection, self.tables[record], cut) for record in found)
        self._publish(connection, cut)
        for record in found:
            self.tables[record].fold()
        return Streamed(cut.seq, rows)

    def _append(self, connection: sa.Connection, table: TableWriter, cut: BatchEnd) -> int:
        after, written = self._searched[table.record], 0
        while after < cut.seq:
            upto = min(after + POSITIONS_MAX, cut.seq)
            rows = self._reader.read(connection, RecordRange(table.record, after, upto))
            if upto == cut.seq and rows.num_rows >= LONG:
                self._look_ahead(connection, table.record, cut)
            written += table.append(rows, PositionRange(after, upto, cut.chain_hash))
            self._searched[table.record] = after = upto
        return written

    def _look_ahead(self, connection: sa.Connection, record: type[Record], cut: BatchEnd) -> None:
        """Prefetch the next range: after a full commit, another one is likely."""
        self._ahead = next_batch_end(connection, self.book.book_id, positions_max=POSITIONS_MAX, after=cut.seq)
        if self._ahead is not None:
            self._reader.expect(RecordRange(record, cut.seq, min(cut.seq + POSITIONS_MAX, self._ahead.seq)))

    def _publish(self, connection: sa.Connection, cut: BatchEnd) -> None:
        """Publish a position after checking that all tables end with this worker's commits; then acknowledge it."""
        self._require_own()
        versions = {record.TABLE: table.version for record, table in self.tables.items()}
        self.watermarks.publish(Watermark(cut.seq, cut.chain_hash, versions))
        if self._is_acknowledged:
            acknowledge(connection, self.book.book_id, Acknowledgement(cut.seq, cut.chain_hash, versions))
        self.is_behind = False
        place = {"book": self.book.book_id, "book_name": self.book.name, "position": cut.seq}
        _log.debug("watermark published", extra={**place, "versions": versions})

    @property
    def is_due_for_a_look(self) -> bool:
        """True if the tables were not checked for a while: others may have written, even if the journal is idle."""
        return time.monotonic() - self._looked_at >= self._look_seconds

    def look_around(self) -> None:
        """Check every table for commits by others."""
        writers: list[TableWriter | WatermarkWriter] = [*self.tables.values(), self.watermarks]
        for _ in map(_look, writers) if self._looks is None else self._looks.map(_look, writers):
            pass
        self._looked_at = time.monotonic()

    def _require_own(self) -> None:
        """Check for gaps before publishing: in a folder all log entries, in a store each table's newest commit."""
        if self._looks is None:
            self.look_around()
            return
        for _ in self._looks.map(_require_own, self.tables.values()):
            pass

    def _note_losses(self, connection: sa.Connection, known: dict[str, int], told: int) -> None:
        """Log what the lake lost of its state according to the ledger, or to its own watermark."""
        lost = [
            f"{record.TABLE} stands at version {table.opened_at} of {known[record.TABLE]}"
            for record, table in self.tables.items()
            if table.opened_at < known.get(record.TABLE, 0)
        ]
        if told > self.seq:
            lost.insert(0, f"its watermark stands at position {self.seq}")
        lacking = self._finder.with_rows(connection, self._searched, upto=self.seq)
        lost += [
            f"{record.TABLE} ends at position {self._searched[record]}"
            for record in lacking
            if self.tables[record].opened_at >= known.get(record.TABLE, 0)
        ]
        if lost:
            self.is_behind = True
            _log.warning(
                "book %r: the lake lost what it held at position %d: %s; it is brought again from the ledger",
                self.book.name, told, ", ".join(lost),
            )  # fmt: skip

    def _require_one_history(self, connection: sa.Connection) -> None:
        """Check the chain hash: a database restored to an earlier time has the same cluster id, but another history."""
        newest, reached = self.watermarks.newest, max(table.mark for table in self.tables.values())
        if newest is not None:
            here = chain_hash_at(connection, self.book.book_id, newest.seq)
            if here != newest.chain_hash:
                ours = f"is at {here[:12]}…" if here else "ends no batch there"
                raise ForeignLake(
                    f"the lake of book {self.book.name!r} holds another history: at position {newest.seq} its chain is "
                    f"at {newest.chain_hash[:12]}…, the ledger's {ours}"
                )
        if (
            reached > self.seq
            and next_batch_end(connection, self.book.book_id, positions_max=POSITIONS_MAX, after=reached - 1) is None
        ):
            raise ForeignLake(
                f"the lake of book {self.book.name!r} is at position {reached}, the ledger is not that far"
            )


def _look(writer: TableWriter | WatermarkWriter) -> None:
    writer.look()


def _require_own(writer: TableWriter) -> None:
    writer.require_own()


def _require_anything(lake: Lake, book: Book, told: Acknowledgement) -> None:
    """Refuse an empty lake whose state was acknowledged: it is more likely elsewhere than lost."""
    records: list[type[Record]] = [PublishedWatermark, *STREAMED]
    if not any(is_there(lake, book.name, record) for record in records):
        raise DamagedLake(
            f"{lake.url} holds nothing of book {book.name!r}, which was in the lake up to position {told.seq}; bring "
            "back the folder or the setting that led to it, or make the lake of the book anew: cofferdam stream "
            f"--rebuild {book.name}"
        )
