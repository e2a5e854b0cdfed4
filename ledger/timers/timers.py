"""Timers: declared sources of deadlines, and a query for what is due."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.kernel.ids import BookId
from ledger.kernel.record import Record
from ledger.kernel.sql import table
from ledger.kernel.work import Reader

_BOOK_HEADS: Final = sa.table(
    "book_heads", sa.column("book_id", sa.Integer()), sa.column("clock_ahead_us", sa.BigInteger())
)


@dataclass(frozen=True, slots=True)
class Timer:
    """A kind of deadline: each row of `record` with an instant in `column` ends by itself at that instant.

    An index over the book and that column makes the query cheap. Ending a row also removes it, or moves its instant: so
    no further state is needed, and a second process finds nothing due.
    """

    kind: str
    record: type[Record]
    column: str


Ending = Callable[[BookId, datetime], object]
"""Ends the rows that are due in a book at an instant, by the usual path; it does not raise."""


class Due(NamedTuple):
    """The earliest instant at which something of a kind became due in a book, and what the book's clock shows now."""

    since_at: datetime
    kind: str
    book_id: BookId
    now_at: datetime


def due(reader: Reader, timers: Sequence[Timer], now: datetime) -> list[Due]:
    """Return what is due by `now`, per kind and book, in the order of the instants: one statement for all kinds.

    `now` is a real instant. A sandbox goes by its own clock, so that more may be due in it.
    """
    rows = reader.connection.execute(_look(tuple(timers)), {"now": now})
    return sorted(Due(row.since_at, row.kind, row.book_id, row.now_at) for row in rows)


@cache
def _look(timers: tuple[Timer, ...]) -> sa.CompoundSelect[tuple[datetime, str, int, datetime]]:
    return sa.union_all(*(_earliest(timer) for timer in timers))


def _earliest(timer: Timer) -> sa.Select[tuple[datetime, str, int, datetime]]:
    """Select the earliest instant of each book: one index lookup per book, however many rows are waiting."""
    rows = table(timer.record)
    instant = rows.c[timer.column]
    first = (
        sa.select(instant.label("since_at"))
        .where(rows.c.book_id == _BOOK_HEADS.c.book_id, instant.is_not(None))
        .order_by(instant)
        .limit(1)
        .lateral(f"first_{timer.kind}")
    )
    now = _by_clock(sa.bindparam("now", type_=sa.DateTime(timezone=True)))
    return (
        sa.select(first.c.since_at, sa.literal(timer.kind).label("kind"), _BOOK_HEADS.c.book_id, now.label("now_at"))
        .select_from(_BOOK_HEADS.join(first, sa.true()))
        .where(first.c.since_at <= now)
    )


def _by_clock(now: sa.ColumnElement[datetime]) -> sa.ColumnElement[datetime]:
    """Return what the clock of a book shows at a real instant."""
    ahead = sa.func.coalesce(_BOOK_HEADS.c.clock_ahead_us, 0)
    return sa.type_coerce(now + ahead * sa.text("interval '1 microsecond'"), sa.DateTime(timezone=True))
