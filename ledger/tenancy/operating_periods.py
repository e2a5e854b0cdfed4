"""Operating periods: the dates between which a book operates, as its operator declares; no personal record matters."""

from datetime import date
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.journal import journal
from ledger.kernel.calendar import Calendar
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.ids import BookId
from ledger.kernel.reasons import require_reason
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.tenancy.records import Book, OperatingPeriod

_OPERATING_PERIODS: Final = table(OperatingPeriod)
_BOOKS: Final = table(Book)

_YEARS: Final = range(1900, 2200)


class Period(NamedTuple):
    """The first and the last accounting date of a book's operation; `until_on` None: it continues."""

    from_on: date
    until_on: date | None = None

    def holds(self, day: date) -> bool:
        """Return whether a date is within the period."""
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)


def operating_period(reader: Reader, book_id: BookId, calendar: Calendar) -> Period:
    """Return the newest declared period of a book; without one it operates from its opening date on."""
    fact = _newest(reader.connection, book_id)
    if fact is not None:
        return Period(fact.from_on, fact.until_on)
    query = sa.select(_BOOKS.c.created_at).where(_BOOKS.c.book_id == book_id)
    opened_at = reader.connection.execute(query).scalar_one_or_none()
    if opened_at is None:
        raise NotFound(f"there is no book {book_id}")
    return Period(calendar.booked_on(opened_at))


def is_declared(reader: Reader, book_id: BookId) -> bool:
    """Return whether the operator declared a period for the book."""
    return _newest(reader.connection, book_id) is not None


def declare_period(work: Work, book_id: BookId, period: Period, *, reason: str) -> None:
    """Declare the dates between which a book operates; a repeated period changes nothing. Raises `InvalidInput`."""
    assert work.partner_id is None, "a book's period is its operator's to declare"
    require_reason(reason)
    if period.until_on is not None and period.until_on < period.from_on:
        raise InvalidInput(f"{period.until_on} is before {period.from_on}; a period ends after it begins")
    if not {period.from_on.year, (period.until_on or period.from_on).year} <= set(_YEARS):
        raise InvalidInput(f"the period is outside the years {_YEARS[0]} to {_YEARS[-1]}; check its dates")
    batch = journal.open_batch(work, book_id)
    fact = _newest(work.connection, book_id)
    if fact is None or (fact.from_on, fact.until_on) != period:
        drafted = journal.draft(OperatingPeriod, **period._asdict(), actor=work.actor, reason=reason)
        journal.seal(work, batch, [drafted])


def _newest(connection: sa.Connection, book_id: BookId) -> OperatingPeriod | None:
    operating_periods = _OPERATING_PERIODS.c
    query = (
        sa.select(_OPERATING_PERIODS)
        .where(operating_periods.book_id == book_id)
        .order_by(operating_periods.seq.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else OperatingPeriod(**row._asdict())
