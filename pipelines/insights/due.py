"""Due months: closed months of a book with an eligible vertical that were not released to the last metric."""

import logging
from collections.abc import Container, Iterator
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Final

import sqlalchemy as sa

from lake.privacy.catalogue import metric_specs
from lake.privacy.contributions import BronzeFiles, eligible_verticals, following_month
from lake.residency.zones import Zones
from ledger.imports.imports import quiet
from ledger.insights.releases import released_periods
from ledger.kernel.calendar import Calendar
from ledger.kernel.errors import InvalidInput, Unavailable
from ledger.kernel.work import Reader, read
from ledger.tenancy.calendars import book_calendar
from ledger.tenancy.directory import Directory
from ledger.tenancy.operating_periods import Period, operating_period
from ledger.tenancy.records import Book
from pipelines.insights.cut import newest_cut

_log = logging.getLogger("cofferdam.insights")

GRACE: Final = timedelta(days=3)
"""The time after a month's end in which late transfers still count; later ones are never released."""


def due_everywhere(directory: Directory, zones: Zones, *, now: datetime) -> list[tuple[Book, date]]:
    """Return the due months of every book, by the contents of the lake; oldest first within a book.

    Logs and skips a book that is being imported or released, and the books of a server that does not answer.
    """
    due = []
    for place in directory.places(lambda _server, reason: _log.warning("%s", reason)):
        book = place.book
        cut = newest_cut(zones.lake_of(book), book)
        if cut is None or not is_eligible(cut, book):
            continue
        try:
            with quiet(place.engine, book):
                due += [(book, month) for month in due_months(place.engine, book, now=now)]
        except Unavailable as reason:
            _log.warning("%s", reason)
    return due


def due_months(engine: sa.Engine, book: Book, *, now: datetime) -> list[date]:
    """Return the closed months of the book's operating period that were not released to the last metric, oldest first.

    The operating period is declared, and months without transfers are released too: the result depends on no person. A
    month that has the last metric is complete, so that metrics which the catalogue gains later are not owed for it: its
    budget was spent on those that it had.
    """
    with read(engine) as reader:
        bounds = _bounds(reader, book)
        released = released_periods(reader, book.book_id)
    return [month for month in closed_months(*bounds, now=now) if not is_complete(released, book, month)]


def is_complete(released: Container[tuple[str, date]], book: Book, month: date) -> bool:
    """Return whether the month's last metric is among the released ones."""
    return (metric_specs(book.currency)[-1].name, month) in released


def require_releasable(engine: sa.Engine, book: Book, month: date, *, now: datetime) -> None:
    """Raise `InvalidInput` if the month is not closed, or is outside of the book's operating period."""
    with read(engine) as reader:
        period, calendar = _bounds(reader, book)
    if not _is_closed(month, calendar, now=now):
        raise InvalidInput(f"{month:%Y-%m} is not closed; a month is released three days after its end")
    if month not in closed_months(period, calendar, now=now):
        raise InvalidInput(
            f"{month:%Y-%m} lies outside of the operating period of {book.name!r}, from {period.from_on} to "
            f"{period.until_on or 'now'}; only months within it are released"
        )


def closed_months(period: Period, calendar: Calendar, *, now: datetime) -> list[date]:
    """Return the months of a period that ended before `now` by at least the grace, by the book's calendar."""
    months = takewhile(lambda month: _is_closed(month, calendar, now=now), _months(period.from_on))
    return [month for month in months if period.until_on is None or month <= period.until_on]


def is_eligible(cut: BronzeFiles, book: Book) -> bool:
    """Return whether some vertical of the book has enough partners for any insight."""
    return any(eligible_verticals(cut, min_partners=spec.min_partners) for spec in metric_specs(book.currency))


def _bounds(reader: Reader, book: Book) -> tuple[Period, Calendar]:
    calendar = book_calendar(reader.connection, book.book_id)
    return operating_period(reader, book.book_id, calendar), calendar


def _is_closed(month: date, calendar: Calendar, *, now: datetime) -> bool:
    return calendar.starts_at(following_month(month)) + GRACE <= now


def _months(first: date) -> Iterator[date]:
    month = first.replace(day=1)
    while True:
        yield month
        month = following_month(month)
