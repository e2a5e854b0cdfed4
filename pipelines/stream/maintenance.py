"""Table maintenance: keeps the tables that a worker streams in order, beside the stream and in its process.

Every second it looks at what the writers have done since it was last there:

    every 20 seconds     silver comes up to the watermark
    every 256 commits    small settled files become large ones
    every 200 commits    a checkpoint, and log entries that are past their time go
    every hour           replaced files that are past their time go; days that are over are ordered by account

It never holds the stream up: it has handles of its own, and a fault of it costs nothing but tidiness.
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
from ledger.kernel.record import Record
from ledger.tenancy.records import Book
from pipelines.stream.book_stream import BookStream
from pipelines.stream.faults import Watch

_LOOK_SECONDS: Final = 1.0
_SECONDS_PER_REFRESH: Final = 20.0
COMMITS_PER_COMPACTION: Final = FAN * FAN
"""After so many commits of a table, its settled files are looked at."""
_SECONDS_PER_VACUUM: Final = 3600.0
_FAULTS: Final = (OSError, ValueError, DeltaError, duckdb.Error, pa.ArrowException, Refusal)


@dataclass(slots=True)
class _Care:
    """What was done for one table: at which of its writer's commits, and when."""

    joined: int = 0
    checkpointed: int = 0
    vacuumed_at: float = field(default=-_SECONDS_PER_VACUUM)


class TableMaintenance:
    """The tables that are cared for; the stream tells which, the table maintenance's own thread does the work."""

    def __init__(self) -> None:
        self._streams: Final[dict[str, BookStream]] = {}
        self._cares: Final[dict[tuple[str, type[Record]], _Care]] = {}
        self._silver: Final[dict[str, SilverTables]] = {}
        self._watch: Final = Watch("the stream goes on, the tables are put in order later")
        self._refreshed_at = time.monotonic()
        self._at_work: Final = threading.Condition()
        self._busy_with: str | None = None

    def see(self, stream: BookStream) -> None:
        """Care for the tables of a stream from now on."""
        self._streams[stream.book.name] = stream

    def leave(self, book: Book) -> None:
        """Leave the tables of a book alone, once what was begun there is done: somebody else may write to them now."""
        with self._at_work:
            self._streams.pop(book.name, None)
            self._at_work.wait_for(lambda: self._busy_with != book.name)
            if (silver := self._silver.pop(book.name, None)) is not None:
                silver.close()

    def keep(self, stop: threading.Event) -> None:
        """Look after everything until `stop` is set."""
        while not stop.wait(_LOOK_SECONDS):
            to_refresh = time.monotonic() - self._refreshed_at >= _SECONDS_PER_REFRESH
            for stream in list(self._streams.values()):
                for record, commits in _commits(stream):
                    self._look(f"upkeep of {record.TABLE}", stream.book, partial(self._tend, stream, record, commits))
                if to_refresh:
                    self._look("silver", stream.book, partial(self._refresh, stream))
            if to_refresh:
                self._refreshed_at = time.monotonic()
        for tables in self._silver.values():
            tables.close()

    def _look(self, what: str, book: Book, work: Callable[[], None]) -> None:
        where = f"{what} of book {book.name!r}"
        if self._watch.rests(where):
            return
        try:
            with self._at(book):
                work()
        except (Fenced, TableNotFoundError):
            return  # somebody else is at it
        except _FAULTS as fault:
            self._watch.faulty(where, where, fault)
        else:
            self._watch.well(where, where)

    @contextmanager
    def _at(self, book: Book) -> Iterator[None]:
        """Work on a book's tables, which are left alone afterwards at the earliest."""
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
    """A table maintenance at work for as long as the block lasts."""
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
