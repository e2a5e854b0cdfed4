"""Consumers: named readers of a book's journal, whose position moves in the transaction of what they do.

A projection keeps rows that follow from facts; a reaction answers facts with further facts. Either does each fact once,
whoever is killed: the position and the effect are one commit. Any number of processes may run the same consumer. Of a
projection one works at a time, by the lock of its row; of a reaction all may draft, and whoever moves the position
records.
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
"""How many positions a consumer does in one transaction."""


class Projection(NamedTuple):
    """Rows that follow from facts of some kinds, kept by `project`; `clear` removes all of a book.

    `offenders` is the query of what does not follow in book `:book` up to position `:seq`, for `verify`; `says` is what
    it means that there is none.
    """

    name: str
    reads: tuple[type[Fact], ...]
    project: Callable[[Work, BookId, Sequence[Fact]], None]
    clear: Callable[[Work, BookId], None]
    offenders: str
    says: str


class Reaction(NamedTuple):
    """Facts that answer facts of some kinds; for what was answered before, `react` drafts nothing."""

    name: str
    reads: tuple[type[Fact], ...]
    react: Callable[[Reader, BookId, Sequence[Fact]], Sequence[journal.Draft]]


Consumer = Projection | Reaction


class Standing(NamedTuple):
    """How far a consumer came in a book, and where the journal ends; `moved_at` is null before its first step."""

    consumer: Consumer
    book_id: BookId
    seq: int
    last_seq: int
    moved_at: datetime | None

    @property
    def lag(self) -> int:
        """How many positions are still to be done."""
        return self.last_seq - self.seq


class _Mark(NamedTuple):
    """Where a consumer stands, and since when."""

    seq: int
    moved_at: datetime


def standings(connection: sa.Connection, consumers: Iterable[Consumer]) -> list[Standing]:
    """How every consumer stands in every book, in one look."""
    by_name = {consumer.name: consumer for consumer in consumers}
    rows = connection.execute(_STANDINGS, {"names": list(by_name)})
    return [Standing(by_name[row.name], row.book_id, row.seq, row.last_seq, row.moved_at) for row in rows]


def advance(
    engine: sa.Engine, consumer: Consumer, book_id: BookId, record: Recording, *, clock: Clock = system_clock
) -> bool:
    """Do the next range of a book's journal; false where nothing is left, or another process does it.

    `record` records the facts of a reaction. Raises what the store raises: then nothing was done, or all of it.
    """
    if isinstance(consumer, Projection):
        with begin(engine, actor=_actor(consumer), clock=clock) as work:
            return _project(work, consumer, book_id)
    with read(engine) as reader:
        mark = _mark(reader.connection, consumer, book_id)
        upto = _end(reader.connection, book_id, mark.seq) if mark else 0
        facts = _facts(reader.connection, consumer, book_id, after=mark.seq, upto=upto) if mark else []
        drafts = consumer.react(reader, book_id, facts) if facts else ()
    if mark is not None and drafts:
        record(book_id, FactOrder(lambda work, _: drafts if _move(work, consumer, book_id, mark, upto=upto) else ()))
        return True
    if mark is not None and upto == mark.seq:
        return False
    with begin(engine, actor=_actor(consumer), clock=clock) as work:
        return _move(work, consumer, book_id, mark, upto=upto) if mark else _ensure(work, consumer, book_id)


def reset(work: Work, consumer: Consumer, book_id: BookId, *, to: int = 0) -> None:
    """Let a consumer do the journal again from behind position `to`; the rows of a projection are removed first.

    Raises `InvalidInput` for a position that the journal does not have, and for a projection anything but 0: its rows
    follow from the whole journal.
    """
    last_seq = journal.head(work.connection, book_id).last_seq
    if not 0 <= to <= last_seq:
        raise InvalidInput(f"the journal has positions 0 to {last_seq}, not {to}")
    _ensure(work, consumer, book_id)
    work.connection.execute(_LOCK, _named(consumer, book_id))
    if isinstance(consumer, Projection):
        if to != 0:
            raise InvalidInput(f"{consumer.name} is a projection, which is made anew from position 0 only")
        consumer.clear(work, book_id)
    work.connection.execute(_SET, _named(consumer, book_id) | {"seq": to, "now": work.now})


def _project(work: Work, consumer: Projection, book_id: BookId) -> bool:
    """The row's lock is held until the commit; whoever finds it held leaves the work to its holder."""
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
    """The end of the next range: every fact up to the head that is read here is committed, and seen after it."""
    return min(journal.head(connection, book_id).last_seq, start + POSITIONS_AT_ONCE)


def _facts(connection: sa.Connection, consumer: Consumer, book_id: BookId, *, after: int, upto: int) -> list[Fact]:
    """The facts of the kinds that a consumer reads, in order of position."""
    found: list[Fact] = []
    for record in consumer.reads:
        stored = table(record)
        query = sa.select(stored).where(stored.c.book_id == book_id, stored.c.seq > after, stored.c.seq <= upto)
        found += [as_record(record, row) for row in connection.execute(query)]
    return sorted(found, key=lambda fact: fact.seq)


def _move(work: Work, consumer: Consumer, book_id: BookId, mark: _Mark, *, upto: int) -> bool:
    """Move the position over a range; false where it has moved since, also where it was brought back meanwhile."""
    asked = _named(consumer, book_id) | {"seq": upto, "now": work.now, "at": mark.seq, "since": mark.moved_at}
    return work.connection.execute(_MOVE, asked).rowcount == 1


def _ensure(work: Work, consumer: Consumer, book_id: BookId) -> bool:
    """Give a consumer its row; whether it had none."""
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
