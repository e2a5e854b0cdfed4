"""The stream worker: follows the journals of all books into the lake, and goes on after every fault."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

import psycopg
import pyarrow as pa
import sqlalchemy as sa
from deltalake.exceptions import DeltaError

from lake.errors import Fenced
from lake.read import watermark
from lake.tables import Lake
from ledger.events.journal import head
from ledger.kernel.errors import Refusal, Unavailable
from ledger.kernel.ids import BookId
from ledger.partners.books import all_books
from ledger.records.books import Book
from pipelines.stream.book_stream import BookStream, Streamed, release
from pipelines.stream.cuts import POSITIONS_MAX

Progress = Callable[[int, int], None]
"""Told how many positions are done, of how many."""

_STORE_FAULTS: Final = (sa.exc.SQLAlchemyError, psycopg.Error)
_FAULTS: Final = (OSError, DeltaError, pa.ArrowException, Refusal)
_REST_SECONDS: Final = (0.2, 5.0)  # after a fault: the first pause, doubled up to the last
_PATIENCE_SECONDS: Final = 60.0

_log = logging.getLogger("cofferdam.stream")


def stream_once(engine: sa.Engine, lake: Lake, book: Book, *, progress: Progress | None = None) -> Streamed:
    """Bring everything that the book's journal holds now into the lake; the watermark then, and the rows written.

    While another worker streams the book, this waits for that one's watermark instead. Raises `Fenced` when it stands
    still for a minute, `Unavailable` when the lake cannot be written (full disk, store out of reach), `ForeignLake`.
    """
    with _refusing(lake), feed_connection(engine) as connection:
        target = head(connection, book.book_id).last_seq
        tell = progress or (lambda _done, _total: None)
        try:
            stream = BookStream.open(connection, lake, book)
        except Fenced:
            return _watch(lake, book, target, tell)
        start, rows = stream.seq, 0
        tell(0, target - start)
        while stream.seq < target and (step := stream.advance(connection)):
            rows += step.rows
            tell(min(step.seq, target) - start, target - start)
        release(connection, book)
        return Streamed(stream.seq, rows)


def run(engine: sa.Engine, lake: Lake, *, tick: float = 0.1, stop: threading.Event) -> None:
    """Stream every book, also those opened later, until `stop` is set; looks for news every `tick` seconds.

    A fault is logged in one line when it begins and when it is over; meanwhile the other books go on.
    """
    watch = _Watch()
    while not stop.is_set():
        try:
            with feed_connection(engine) as connection:
                _follow(connection, _Round(lake, watch), tick, stop)
        except _STORE_FAULTS as fault:
            stop.wait(watch.faulty(None, "the ledger's database", fault))


@contextmanager
def feed_connection(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection of its own, which holds locks of books and ends with them; each statement sees what is committed."""
    with engine.connect() as pooled:
        try:
            yield pooled.execution_options(isolation_level="AUTOCOMMIT")
        finally:
            pooled.invalidate()  # it is not given back to the pool, where its locks would live on


@contextmanager
def _refusing(lake: Lake) -> Iterator[None]:
    try:
        yield
    except (OSError, DeltaError) as fault:
        raise Unavailable(f"the lake at {lake.url} fails, nothing is lost: {_one_line(fault)}") from fault


@dataclass(slots=True)
class _Fault:
    text: str
    pause: float
    until: float


class _Watch:
    """Which books are faulty, since when they rest, and what was said of it; None stands for the database."""

    def __init__(self) -> None:
        self._faults: dict[BookId | None, _Fault] = {}

    def faulty(self, book_id: BookId | None, where: str, error: Exception) -> float:
        """Note a fault, say it once, and give the seconds to rest."""
        text = _one_line(error)
        known = self._faults.get(book_id)
        pause = min(known.pause * 2, _REST_SECONDS[1]) if known else _REST_SECONDS[0]
        if known is None or known.text != text:
            _log.warning("%s: %s; nothing is lost, trying again", where, text)
        self._faults[book_id] = _Fault(text, pause, time.monotonic() + pause)
        return pause

    def well(self, book_id: BookId | None, where: str) -> None:
        """Note that it works again."""
        if self._faults.pop(book_id, None) is not None:
            _log.info("%s: streaming again", where)

    def rests(self, book_id: BookId) -> bool:
        """It was faulty a moment ago."""
        fault = self._faults.get(book_id)
        return fault is not None and time.monotonic() < fault.until


class _Round:
    """The books that are open on one connection."""

    def __init__(self, lake: Lake, watch: _Watch) -> None:
        self._lake = lake
        self._watch = watch
        self._open: dict[BookId, BookStream] = {}

    def turn(self, connection: sa.Connection) -> bool:
        """Advance every book once; whether one of them has a whole commit's worth still before it."""
        books = all_books(connection)
        self._watch.well(None, "the ledger's database")
        ready = [book for book in books if not self._watch.rests(book.book_id)]
        behind = [self._turn_book(connection, book) for book in ready]
        return any(behind)

    def _turn_book(self, connection: sa.Connection, book: Book) -> bool:
        where = f"book {book.name!r}"
        try:
            if book.book_id not in self._open:
                self._open[book.book_id] = BookStream.open(connection, self._lake, book)
            stream = self._open[book.book_id]
            before = stream.seq
            step = stream.advance(connection)
        except _FAULTS as fault:
            if self._open.pop(book.book_id, None) is not None:
                release(connection, book)
            self._watch.faulty(book.book_id, where, fault)
            return False
        self._watch.well(book.book_id, where)
        return step is not None and step.seq - before >= POSITIONS_MAX // 2


def _follow(connection: sa.Connection, books: _Round, tick: float, stop: threading.Event) -> None:
    while not stop.is_set():
        began = time.monotonic()
        if not books.turn(connection):
            stop.wait(max(0.0, tick - (time.monotonic() - began)))


def _watch(lake: Lake, book: Book, target: int, tell: Progress) -> Streamed:
    seen = watermark(lake, book.name)
    start = reached = seen.seq if seen else 0
    moved = time.monotonic()
    while reached < target:
        if time.monotonic() - moved > _PATIENCE_SECONDS:
            raise Fenced(f"another worker streams book {book.name!r}, but stands still at position {reached}")
        time.sleep(0.05)
        with suppress(DeltaError):  # between the making of the table and its first row there is nothing to read
            seen = watermark(lake, book.name)
        if seen is not None and seen.seq > reached:
            reached, moved = seen.seq, time.monotonic()
            tell(min(reached, target) - start, target - start)
    return Streamed(reached, 0)


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text[:300] or type(error).__name__
