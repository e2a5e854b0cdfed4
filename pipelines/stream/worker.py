"""The stream worker: follows the journals of all books into the lake, and continues after every fault."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from enum import IntEnum
from typing import Final

import psycopg
import pyarrow as pa
import sqlalchemy as sa
from deltalake.exceptions import DeltaError

from lake.bronze.read import watermark
from lake.delta.checkpoints import checkpoint_when_due
from lake.errors import Fenced
from lake.residency.zones import Zones
from lake.tables import Lake
from ledger.journal.journal import head
from ledger.journal.notifications import listening_for_commits, newest_positions
from ledger.kernel.errors import Refusal, Unavailable, one_line
from ledger.kernel.ids import BookId
from ledger.kernel.log_context import bind, bound
from ledger.kernel.tracing import BOOK, FIRST_POSITION, POSITION, TRACING
from ledger.tenancy.directory import BookLocation, Server
from ledger.tenancy.records import Book
from pipelines.stream.book_stream import POSITIONS_MAX, BookStream, Streamed
from pipelines.stream.faults import Watch
from pipelines.stream.locks import is_wanted, release
from pipelines.stream.maintenance import TableMaintenance, caring
from pipelines.stream.metrics import PUBLICATION_DURATION, STREAM_FAULTS, STREAMED_ROWS
from pipelines.stream.residency import settled_lake

TICK_SECONDS: Final = 0.1
"""The interval of commits in a steady stream, and the longest wait for new facts without a notification."""

Progress = Callable[[int, int], None]
"""Receives the number of streamed positions, and of all."""
_STORE_FAULTS: Final = (sa.exc.SQLAlchemyError, psycopg.Error)
_FAULTS: Final = (OSError, ValueError, DeltaError, pa.ArrowException, Refusal)
_PATIENCE_SECONDS: Final = 60.0
_SECONDS_PER_QUESTION: Final = 1.0

_log: Final = logging.getLogger("cofferdam.stream")


def stream_once(engine: sa.Engine, lake: Lake, book: Book, *, progress: Progress | None = None) -> Streamed:
    """Stream everything in the book's journal at the call; return the resulting watermark, and the number of rows.

    While another worker streams the book, this waits for that worker's watermark, and takes over if it dies. Rows that
    the lake lost are written again. Raises `Fenced` if the other worker makes no progress for a minute, `Unavailable`
    if the lake cannot be written (full disk, unreachable store), `ForeignLake`, and `DamagedLake` for damage that only
    a rebuild repairs.
    """
    with refusing(lake), feed_connection(engine) as connection:
        target = head(connection, book.book_id).last_seq
        tell = progress or (lambda _done, _total: None)
        stream = _claimed(connection, lake, book, target=target, tell=tell)
        if isinstance(stream, Streamed):
            return stream
        start, rows = stream.seq, 0
        tell(0, target - start)
        while (stream.seq < target or stream.is_behind) and (step := stream.advance(connection)):
            rows += step.rows
            tell(min(step.seq, target) - start, target - start)
        for record, table in stream.tables.items():
            if table.commits:
                checkpoint_when_due(lake, book.name, record)
        release(connection, book)
        return Streamed(stream.seq, rows)


def run(server: Server, zones: Zones, *, tick: float = TICK_SECONDS, stop: threading.Event) -> None:
    """Stream every book of a server, including later ones, each into the lake of its zone, until `stop` is set.

    It looks for new facts at each commit notification, and at least every `tick` seconds; a steady stream commits at
    each tick. A fault is logged in one line when it begins and when it ends; the other books continue meanwhile.
    """
    watch = Watch("nothing is lost, trying again")
    with caring() as maintenance:
        while not stop.is_set():
            try:
                with feed_connection(server.engine) as connection:
                    _follow(connection, _Round(server, zones, watch, maintenance), tick, stop)
            except _STORE_FAULTS as fault:
                stop.wait(watch.faulty(None, server.name, fault))


@contextmanager
def feed_connection(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open a separate connection in autocommit mode, which holds locks of books and releases them at its end."""
    with engine.connect() as pooled:
        try:
            yield pooled.execution_options(isolation_level="AUTOCOMMIT")
        finally:
            pooled.invalidate()  # back in the pool, it would keep its locks


@contextmanager
def refusing(lake: Lake) -> Iterator[None]:
    """Raise `Unavailable` if the lake fails in the block."""
    try:
        yield
    except (OSError, DeltaError) as fault:
        raise Unavailable(f"the lake at {lake.url} fails, nothing is lost: {one_line(fault)}") from fault


class Turn(IntEnum):
    """The result of a turn: nothing new, a commit, or a full commit with more facts behind it."""

    AT_REST = 0
    MOVED = 1
    BEHIND = 2


class _Round:
    """The books that are open on one connection."""

    def __init__(self, server: Server, zones: Zones, watch: Watch, maintenance: TableMaintenance) -> None:
        self._server = server
        self._zones = zones
        self._watch = watch
        self._maintenance = maintenance
        self._seen: frozenset[BookId] = frozenset()
        self._books: dict[BookId, Book] = {}
        self._open: dict[BookId, BookStream] = {}
        self._asked_at: dict[BookId, float] = {}

    def turn(self, connection: sa.Connection) -> Turn:
        """Advance every book that has new facts; return the largest result of all."""
        heads = newest_positions(connection)
        self._watch.well(None, self._server.name)
        if heads.keys() != self._seen:
            self._seen = frozenset(heads)
            self._books = {book.book_id: book for book in self._server.books(connection) if book.book_id in heads}
        with_news = [book_id for book_id in self._books if self._has_news(book_id, heads[book_id])]
        return max((self._turn_book(connection, self._books[book_id]) for book_id in with_news), default=Turn.AT_REST)

    def _has_news(self, book_id: BookId, seq: int) -> bool:
        stream = self._open.get(book_id)
        return not self._watch.rests(book_id) and (stream is None or seq != stream.seq or stream.is_due_for_a_look)

    def _turn_book(self, connection: sa.Connection, book: Book) -> Turn:
        with bound(book=book.book_id, book_name=book.name):
            return self._turned(connection, book)

    def _turned(self, connection: sa.Connection, book: Book) -> Turn:
        where = f"book {book.name!r}"
        try:
            if book.book_id not in self._open:
                lake = settled_lake(self._zones, BookLocation(self._server.engine, book))
                self._open[book.book_id] = BookStream.open(connection, lake, book)
                _log.info("%s: streaming from position %d", where, self._open[book.book_id].seq)
            stream = self._open[book.book_id]
            bind(position=stream.seq)
            if self._is_wanted(connection, book):
                raise Fenced("its tables are being made anew, and the worker gives way")
            before, began_ns = stream.seq, time.perf_counter_ns()
            step = _advanced(stream, connection)
        except _FAULTS as fault:
            STREAM_FAULTS.of().add()
            self._maintenance.leave(book)  # before the lock is released: no thread of this process writes after it
            if self._open.pop(book.book_id, None) is not None:
                release(connection, book)
            self._watch.faulty(book.book_id, where, fault)
            return Turn.AT_REST
        self._watch.well(book.book_id, where)
        self._maintenance.see(stream)
        if step is None:
            return Turn.AT_REST
        PUBLICATION_DURATION.of().observe(time.perf_counter_ns() - began_ns)
        STREAMED_ROWS.of().add(step.rows)
        return Turn.BEHIND if step.seq - before >= POSITIONS_MAX // 2 else Turn.MOVED

    def _is_wanted(self, connection: sa.Connection, book: Book) -> bool:
        """Return whether an exchange of tables waits for the book; asks once a second, even under constant load."""
        now = time.monotonic()
        if now - self._asked_at.get(book.book_id, 0.0) < _SECONDS_PER_QUESTION:
            return False
        self._asked_at[book.book_id] = now
        return is_wanted(connection, book)


def _advanced(stream: BookStream, connection: sa.Connection) -> Streamed | None:
    """Advance a book, in a span that states the positions which it brought into the lake."""
    with TRACING.span("stream tick") as span:
        before = stream.seq
        step = stream.advance(connection)
        if step is not None:
            span.set(BOOK, stream.book.book_id)
            span.set(FIRST_POSITION, before + 1)
            span.set(POSITION, step.seq)
    return step


def _follow(connection: sa.Connection, books: _Round, tick: float, stop: threading.Event) -> None:
    with listening_for_commits(connection) as notifier:
        while not stop.is_set():
            began = time.monotonic()
            turned = books.turn(connection)
            left = tick - (time.monotonic() - began)
            if turned is Turn.AT_REST:
                notifier.wait(timedelta(seconds=max(left, 0.0)))
            elif turned is Turn.MOVED:
                stop.wait(max(left, 0.0))  # a commit costs the same for one row as for a hundred: wait for more


def _claimed(
    connection: sa.Connection, lake: Lake, book: Book, *, target: int, tell: Progress
) -> BookStream | Streamed:
    """Open the book as soon as it is free; or return the other worker's result, if it reached `target` before.

    The lock of a killed worker lasts until the server notices that its connection is gone.
    """
    seen = watermark(lake, book.name)
    start = reached = seen.seq if seen else 0
    moved = time.monotonic()
    while True:
        with suppress(Fenced):
            return BookStream.open(connection, lake, book)
        if reached >= target:
            return Streamed(reached, 0)
        if time.monotonic() - moved > _PATIENCE_SECONDS:
            raise Fenced(f"another worker streams book {book.name!r}, but stands still at position {reached}")
        time.sleep(0.05)
        with suppress(DeltaError):  # between the table's creation and its first row there is nothing to read
            seen = watermark(lake, book.name)
        if seen is not None and seen.seq > reached:
            reached, moved = seen.seq, time.monotonic()
            tell(min(reached, target) - start, target - start)
