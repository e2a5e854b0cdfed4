"""Table maintenance: compacts and cleans the tables of a worker, in a thread beside the stream.

Every second it checks the writers' progress since its last visit:

    every 20 seconds     silver is refreshed up to the watermark
    every 256 commits    files from in-memory compaction are merged into larger ones
    every 200 commits    a checkpoint is written, and expired log entries are deleted
    every hour           expired replaced files are deleted; ended days are clustered by account

It never blocks the stream: it opens the tables itself, and a failure only delays maintenance.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import duckdb
import pyarrow as pa
from deltalake.exceptions import DeltaError, TableNotFoundError

from lake.delta.checkpoints import COMMITS_PER_CHECKPOINT, checkpoint
from lake.delta.compaction import FAN
from lake.delta.maintenance import cluster_closed_days, compact_files, opened, sweep
from lake.errors import Fenced
from lake.silver.refresh import SilverTables
from lake.tables import PublishedWatermark
from ledger.kernel.errors import Refusal
from ledger.kernel.log_context import bound
from ledger.kernel.record import Record
from ledger.tenancy.records import Book
from pipelines.stream.book_stream import BookStream
from pipelines.stream.faults import Watch

_LOOK_SECONDS: Final = 1.0
_SECONDS_PER_REFRESH: Final = 20.0
COMMITS_PER_COMPACTION: Final = FAN * FAN
"""The number of commits to a table after which its files are checked for compaction."""
_SECONDS_PER_VACUUM: Final = 3600.0
_FAULTS: Final = (OSError, ValueError, DeltaError, duckdb.Error, pa.ArrowException, Refusal)


@dataclass(slots=True)
class _Care:
    """The last maintenance of one table: the writer's commit, and the time."""

    joined: int = 0
    checkpointed: int = 0
    vacuumed_at: float = field(default=-_SECONDS_PER_VACUUM)


class TableMaintenance:
    """The maintained tables; the stream adds and removes books, and a thread of its own does the work."""

    def __init__(self) -> None:
        self._streams: Final[dict[str, BookStream]] = {}
        self._cares: Final[dict[tuple[str, type[Record]], _Care]] = {}
        self._silver: Final[dict[str, SilverTables]] = {}
        self._watch: Final = Watch("the stream goes on, the tables are put in order later")
        self._refreshed_at = time.monotonic()
        self._at_work: Final = threading.Condition()
        self._busy_with: str | None = None

    def see(self, stream: BookStream) -> None:
        """Maintain the tables of a stream from now on."""
        self._streams[stream.book.name] = stream

    def leave(self, book: Book) -> None:
        """Stop maintaining a book's tables, once current work is done: another writer may follow."""
        with self._at_work:
            self._streams.pop(book.name, None)
            self._at_work.wait_for(lambda: self._busy_with != book.name)
            if (silver := self._silver.pop(book.name, None)) is not None:
                silver.close()

    def keep(self, stop: threading.Event) -> None:
        """Maintain all tables until `stop` is set."""
        while not stop.wait(_LOOK_SECONDS):
            to_refresh = time.monotonic() - self._refreshed_at >= _SECONDS_PER_REFRESH
            for stream in list(self._streams.values()):
                with bound(book=stream.book.book_id, book_name=stream.book.name, position=stream.seq):
                    self._keep(stream, to_refresh=to_refresh)
            if to_refresh:
                self._refreshed_at = time.monotonic()
        for tables in self._silver.values():
            tables.close()

    def _keep(self, stream: BookStream, *, to_refresh: bool) -> None:
        for record, commits in _commits(stream):
            self._look(f"upkeep of {record.TABLE}", stream.book, partial(self._tend, stream, record, commits))
        if to_refresh:
            self._look("silver", stream.book, partial(self._refresh, stream))

    def _look(self, what: str, book: Book, work: Callable[[], None]) -> None:
        where = f"{what} of book {book.name!r}"
        if self._watch.rests(where):
            return
        try:
            with self._at(book):
                work()
        except (Fenced, TableNotFoundError):
            return  # another process maintains the table
        except _FAULTS as fault:
            self._watch.faulty(where, where, fault)
        else:
            self._watch.well(where, where)

    @contextmanager
    def _at(self, book: Book) -> Iterator[None]:
        """Hold a book's tables for maintenance, which `leave` waits for."""
        with self._at_work:
            if book.name not in self._streams:
                raise Fenced(f"the tables of book {book.name!r} are left alone")
            self._busy_with = book.name
        try:
            yield
        finally:
            with self._at_work:
                self._busy_with = None
                self._at_work.notify_all()

    def _refresh(self, stream: BookStream) -> None:
        cut, tables = stream.watermarks.newest, self._silver.pop(stream.book.name, None)
        if cut is None:
            return
        tables = tables or SilverTables.open(stream.lake, stream.book, cluster_id=stream.cluster_id)
        try:
            tables.refresh(cut)
        except BaseException:
            tables.close()
            raise
        self._silver[stream.book.name] = tables

    def _tend(self, stream: BookStream, record: type[Record], commits: int) -> None:
        care = self._cares.setdefault((stream.book.name, record), _Care())
        now = time.monotonic()
        to_sweep = now - care.vacuumed_at >= _SECONDS_PER_VACUUM
        to_join = commits - care.joined >= COMMITS_PER_COMPACTION or to_sweep
        to_check = commits - care.checkpointed >= COMMITS_PER_CHECKPOINT
        if not (to_join or to_check):
            return
        table = opened(stream.lake, stream.book.name, record)
        if to_join and record is not PublishedWatermark:
            compact_files(stream.lake, stream.book.name, record, table)
            care.joined = commits
        if to_check:
            checkpoint(table)
            care.checkpointed = commits
        if to_sweep:
            table.update_incremental()
            cluster_closed_days(stream.lake, stream.book.name, record, table)
            sweep(table, orphans=True)
            care.vacuumed_at = now


@contextmanager
def caring() -> Iterator[TableMaintenance]:
    """Run table maintenance for the length of the block."""
    maintenance, stop = TableMaintenance(), threading.Event()
    thread = threading.Thread(target=maintenance.keep, args=[stop], name="upkeep", daemon=True)
    thread.start()
    try:
        yield maintenance
    finally:
        stop.set()
        thread.join()


def _commits(stream: BookStream) -> Iterator[tuple[type[Record], int]]:
    yield from ((record, writer.commits) for record, writer in stream.tables.items())
    yield PublishedWatermark, stream.watermarks.commits
