"""Clocks of sandboxes: each runs as fast as real time, and moves forward on demand, by a fact.

The head of the book keeps by how much the clock is ahead. Every batch reads it under the head's lock, so that no
process ever records an earlier time after a later one.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from ledger.journal import journal
from ledger.journal.records import BookHead
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.sandboxes.errors import SandboxOnly
from ledger.sandboxes.records import SandboxClockAdvance

AHEAD_MAX: Final = timedelta(days=3_660)
"""The furthest that a clock may be ahead of real time: ten years."""

_BOOK_HEADS: Final = table(BookHead)
_ADVANCES: Final = table(SandboxClockAdvance)
_US: Final = timedelta(microseconds=1)


class SandboxClock(NamedTuple):
    """The instant that a sandbox's clock shows, and the time by which it is ahead of real time."""

    now_at: datetime
    ahead: timedelta


class Advance(NamedTuple):
    """A move of a clock: by a time, or to an instant that it does not show yet."""

    by: timedelta | None = None
    to: datetime | None = None


def clock_of(scope: Reader | Work, book_id: BookId, now: datetime) -> SandboxClock:
    """Return what a sandbox's clock shows at a real instant. Raises `SandboxOnly` for a live book."""
    return _clock(journal.head(scope.connection, book_id), now)


def advance_clock(work: Work, book_id: BookId, partner_id: PartnerId, move: Advance) -> int:
    """Move a sandbox's clock forward, and return the position of the fact.

    Raises `SandboxOnly` for a live book, and `InvalidInput` unless it moves forward, to at most `AHEAD_MAX` from now.
    """
    batch = journal.open_batch(work, book_id)
    clock = _clock(batch.head, work.now)
    shown = max(clock.now_at, batch.recorded_at)
    ahead = _target(move, shown) - work.now
    if ahead > AHEAD_MAX:
        raise InvalidInput(f"the clock would be more than {AHEAD_MAX.days:,} days ahead; move it less far")
    fact = journal.draft(
        SandboxClockAdvance,
        partner_id=partner_id,
        moved_from_at=shown,
        moved_to_at=work.now + ahead,
        ahead_us=ahead // _US,
        actor=work.actor,
    )
    position = journal.seal(work, batch, [fact]).last_seq
    moved = _BOOK_HEADS.update().where(_BOOK_HEADS.c.book_id == book_id).values(clock_ahead_us=ahead // _US)
    work.connection.execute(moved)
    return position


def advance_at(reader: Reader, book_id: BookId, position: int) -> SandboxClockAdvance:
    """Return the move of a clock at a position."""
    query = _ADVANCES.select().where(_ADVANCES.c.book_id == book_id, _ADVANCES.c.seq == position)
    return SandboxClockAdvance(**reader.connection.execute(query).one()._asdict())


def _clock(head: journal.Head, now: datetime) -> SandboxClock:
    if head.clock_ahead_us is None:
        raise SandboxOnly("the clock of a live book cannot be moved; use a test key, whose book is a sandbox")
    return SandboxClock(head.by_clock(now), timedelta(microseconds=head.clock_ahead_us))


def _target(move: Advance, shown: datetime) -> datetime:
    """Return the instant that a clock is moved to. Raises `InvalidInput`."""
    if (move.by is None) == (move.to is None):
        raise InvalidInput("say either by how much the clock moves, or to which instant")
    try:
        target = move.to if move.by is None else shown + move.by
    except OverflowError:
        raise InvalidInput("the clock would be past the last year of the calendar; move it less far") from None
    assert target is not None, "one of the two is given"
    if target <= shown:
        raise InvalidInput(f"the clock shows {shown:%Y-%m-%dT%H:%M:%SZ} already; it only moves forward")
    return target
