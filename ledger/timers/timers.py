"""Timers: declared sources of deadlines, and a look at what of them is due."""

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

_BOOK_HEADS: Final = sa.table("book_heads", sa.column("book_id", sa.Integer()))


@dataclass(frozen=True, slots=True)
class Timer:
    """A kind of deadline: each row of `record` that has an instant in `column` ends by itself when that has come.

    An index over the book and that column makes the look cheap. Whatever ends such a row also removes it, or moves its
    instant: so nothing is noted beside it, and who comes second finds nothing due.
    """

    kind: str
    record: type[Record]
    column: str


Ending = Callable[[BookId, datetime], object]
"""Ends what is due in a book at an instant, by the same path as everything else; it does not raise."""


class Due(NamedTuple):
    """Something is due in a book since an instant, the earliest of its kind there."""

    since_at: datetime
    kind: str
    book_id: BookId


def due(reader: Reader, timers: Sequence[Timer], now: datetime) -> list[Due]:
    """What is due by `now`, per kind and book, in the order of the instants: one statement for all kinds."""
    rows = reader.connection.execute(_look(tuple(timers)), {"now": now})
    return sorted(Due(row.since_at, row.kind, row.book_id) for row in rows)


@cache
def _look(timers: tuple[Timer, ...]) -> sa.CompoundSelect[tuple[datetime, str, int]]:
    return sa.union_all(*(_earliest(timer) for timer in timers))


def _earliest(timer: Timer) -> sa.Select[tuple[datetime, str, int]]:
    """The earliest instant of each book: one descent of the index per book, however many rows wait."""
    rows = table(timer.record)
    instant = rows.c[timer.column]
    first = (
        sa.select(instant.label("since_at"))
        .where(rows.c.book_id == _BOOK_HEADS.c.book_id, instant.is_not(None))
        .order_by(instant)
        .limit(1)
        .lateral(f"first_{timer.kind}")
    )
    now = sa.bindparam("now", type_=sa.DateTime(timezone=True))
    return (
        sa.select(first.c.since_at, sa.literal(timer.kind).label("kind"), _BOOK_HEADS.c.book_id)
        .select_from(_BOOK_HEADS.join(first, sa.true()))
        .where(first.c.since_at <= now)
    )
