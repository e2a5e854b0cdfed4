"""Consumers: named readers of a book's journal whose position is stored in the transaction of their effect.

A projection keeps rows that follow from facts; a reaction answers facts with further facts. Either handles each fact
exactly once, even if killed: position and effect are one commit. Any number of processes may run the same consumer. Of
a projection, one works at a time, by the lock on its row; of a reaction, all may draft, and the one that moves the
position records.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.journal import journal
from ledger.journal.fact_orders import FactOrder, Recording
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId
from ledger.kernel.record import Fact
from ledger.kernel.rows import as_record
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work, begin, read

POSITIONS_AT_ONCE: Final = 5_000
"""Maximum number of positions that a consumer handles in one transaction."""


class Projection(NamedTuple):
    """Rows that follow from facts of some kinds, kept by `project`; `clear` removes all rows of a book.

    `offenders` is the query, for `verify`, of rows that do not follow in book `:book` up to position `:seq`; `says` is
    the text of its result if there are none.
    """

    name: str
    reads: tuple[type[Fact], ...]
    project: Callable[[Work, BookId, Sequence[Fact]], None]
    clear: Callable[[Work, BookId], None]
    offenders: str
    says: str


class Span(NamedTuple):
    """The positions of a range: those above `after`, up to `upto`."""

    after: int
    upto: int


class Reaction(NamedTuple):
    """Facts that answer the facts of a range; `react` reads those that it answers, and drafts nothing twice."""

    name: str
    react: Callable[[Reader, BookId, Span], Sequence[journal.Draft]]


Consumer = Projection | Reaction


class Standing(NamedTuple):
    """A consumer's position in a book, and the journal's last one; `moved_at` is None before its first step."""

    consumer: Consumer
    book_id: BookId
    seq: int
    last_seq: int
    moved_at: datetime | None

    @property
    def lag(self) -> int:
        """The number of positions that are still to be handled."""
        return self.last_seq - self.seq


class _Mark(NamedTuple):
    """The stored position of a consumer, and the instant of its last move."""

    seq: int
    moved_at: datetime


def standings(connection: sa.Connection, consumers: Iterable[Consumer]) -> list[Standing]:
    """Return the position of every consumer in every book, in one statement."""
    by_name = {consumer.name: consumer for consumer in consumers}
    rows = connection.execute(_STANDINGS, {"names": list(by_name)})
    return [Standing(by_name[row.name], row.book_id, row.seq, row.last_seq, row.moved_at) for row in rows]


def advance(
    engine: sa.Engine, consumer: Consumer, book_id: BookId, record: Recording, *, clock: Clock = system_clock
) -> bool:
    """Handle the next range of a book's journal; returns False if nothing is left, or another process handles it.

    `record` records the facts of a reaction. Raises the store's errors: then nothing was done, or all of it.
    """
    if isinstance(consumer, Projection):
        with begin(engine, actor=_actor(consumer), clock=clock) as work:
            return _project(work, consumer, book_id)
    with read(engine) as reader:
        mark = _mark(reader.connection, consumer, book_id)
        upto = _end(reader.connection, book_id, mark.seq) if mark else 0
        drafts = consumer.react(reader, book_id, Span(mark.seq, upto)) if mark and upto > mark.seq else ()
    if mark is not None and drafts:
        record(book_id, FactOrder(lambda work, _: drafts if _move(work, consumer, book_id, mark, upto=upto) else ()))
        return True
    if mark is not None and upto == mark.seq:
        return False
    with begin(engine, actor=_actor(consumer), clock=clock) as work:
        return _move(work, consumer, book_id, mark, upto=upto) if mark else _ensure(work, consumer, book_id)


def reset(work: Work, consumer: Consumer, book_id: BookId, *, to: int = 0) -> None:
    """Move a consumer back to position `to`, to read the journal again; a projection's rows are removed first.

    Raises `InvalidInput` for a position that the journal does not have, and for a projection if `to` is not 0: its rows
    follow from the whole journal.
    """
    last_seq = journal.head(work.connection, book_id).last_seq
    if not 0 <= to <= last_seq:
        raise InvalidInput(f"the journal has positions 0 to {last_seq}, not {to}")
    _ensure(work, consumer, book_id)
    work.connection.execute(_LOCK, _named(consumer, book_id))
    if isinstance(consumer, Projection):
        if to != 0:
            raise InvalidInput(f"{consumer.name} is a projection, which can be rebuilt only from position 0")
        consumer.clear(work, book_id)
    work.connection.execute(_SET, _named(consumer, book_id) | {"seq": to, "now": work.now})


def _project(work: Work, consumer: Projection, book_id: BookId) -> bool:
    """Project the next range while holding the row's lock until the commit; if it is held elsewhere, do nothing."""
    mark = _mark(work.connection, consumer, book_id, _LOCK_FREE)
    if mark is None:
        return _ensure(work, consumer, book_id)
    upto = _end(work.connection, book_id, mark.seq)
    if upto == mark.seq:
        return False
    if facts := _facts(work.connection, consumer, book_id, after=mark.seq, upto=upto):
        consumer.project(work, book_id, facts)
    return _move(work, consumer, book_id, mark, upto=upto)


def _mark(
    connection: sa.Connection, consumer: Consumer, book_id: BookId, query: sa.TextClause | None = None
) -> _Mark | None:
    row = connection.execute(_READ if query is None else query, _named(consumer, book_id)).one_or_none()
    return None if row is None else _Mark(row.seq, row.moved_at)


def _end(connection: sa.Connection, book_id: BookId, start: int) -> int:
    """Return the end of the next range; every fact up to the head read here is committed, and visible afterwards."""
    return min(journal.head(connection, book_id).last_seq, start + POSITIONS_AT_ONCE)


def _facts(connection: sa.Connection, consumer: Projection, book_id: BookId, *, after: int, upto: int) -> list[Fact]:
    """Read the facts of the kinds that a projection reads, in order of position."""
    found: list[Fact] = []
    for record in consumer.reads:
        stored = table(record)
        query = sa.select(stored).where(stored.c.book_id == book_id, stored.c.seq > after, stored.c.seq <= upto)
        found += [as_record(record, row) for row in connection.execute(query)]
    return sorted(found, key=lambda fact: fact.seq)


def _move(work: Work, consumer: Consumer, book_id: BookId, mark: _Mark, *, upto: int) -> bool:
    """Move the position over a range; returns False if it has moved in between, even if it was reset since."""
    asked = _named(consumer, book_id) | {"seq": upto, "now": work.now, "at": mark.seq, "since": mark.moved_at}
    return work.connection.execute(_MOVE, asked).rowcount == 1


def _ensure(work: Work, consumer: Consumer, book_id: BookId) -> bool:
    """Insert a consumer's row, and return whether there was none."""
    return work.connection.execute(_BEGIN, _named(consumer, book_id) | {"now": work.now}).rowcount == 1


def _named(consumer: Consumer, book_id: BookId) -> dict[str, object]:
    return {"book": book_id, "name": consumer.name}


def _actor(consumer: Consumer) -> str:
    return f"consumer:{consumer.name}"


_STANDINGS: Final = sa.text("""
    SELECT h.book_id, n.name, coalesce(p.seq, 0) AS seq, h.last_seq, p.moved_at
    FROM book_heads h CROSS JOIN unnest(CAST(:names AS text[])) WITH ORDINALITY AS n (name, place)
    LEFT JOIN consumer_positions p ON p.book_id = h.book_id AND p.name = n.name
    ORDER BY h.book_id, n.place
""")
_ROW: Final = "FROM consumer_positions WHERE book_id = :book AND name = :name"
_READ: Final = sa.text(f"SELECT seq, moved_at {_ROW}")
_LOCK: Final = sa.text(f"SELECT seq, moved_at {_ROW} FOR UPDATE")
_LOCK_FREE: Final = sa.text(f"SELECT seq, moved_at {_ROW} FOR UPDATE SKIP LOCKED")
_BEGIN: Final = sa.text("""
    INSERT INTO consumer_positions (book_id, name, seq, moved_at) VALUES (:book, :name, 0, :now) ON CONFLICT DO NOTHING
""")
_MOVE: Final = sa.text("""
    UPDATE consumer_positions SET seq = :seq, moved_at = :now
    WHERE book_id = :book AND name = :name AND seq = :at AND moved_at = :since
""")
_SET: Final = sa.text(
    "UPDATE consumer_positions SET seq = :seq, moved_at = :now WHERE book_id = :book AND name = :name"
)
