"""Due months: closed, of a book with an eligible vertical, and not yet released for every metric."""

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from lake.privacy.catalogue import metric_specs
from lake.privacy.contributions import BronzeFiles, eligible_verticals, following_month, operating_period
from lake.zones import Zones
from ledger.insights.releases import released_periods
from ledger.kernel.errors import Unavailable
from ledger.kernel.work import read
from ledger.partners.directory import Directory
from ledger.partners.imports import quiet
from ledger.records.books import Book
from pipelines.insights.cut import newest_cut

_log = logging.getLogger("cofferdam.insights")

GRACE: Final = timedelta(days=3)
"""How long after its end a month stays open for late transfers; what comes later is never released."""


def due_everywhere(directory: Directory, zones: Zones, *, now: datetime) -> list[tuple[Book, date]]:
    """The due months of every book, by what the lake holds; the oldest first within a book.

    A book that is being imported or released is named in the log and has none, as is a server that does not answer.
    """
    due = []
    for place in directory.places(lambda _server, reason: _log.warning("%s", reason)):
        book = place.book
        cut = newest_cut(zones.lake_of(book), book)
        if cut is None or not is_eligible(cut, book):
            continue
        try:
            with quiet(place.engine, book):
                due += [(book, month) for month in due_months(place.engine, cut, book, now=now)]
        except Unavailable as reason:
            _log.warning("%s", reason)
    return due


def due_months(engine: sa.Engine, cut: BronzeFiles, book: Book, *, now: datetime) -> list[date]:
    """The closed months of the book's operating period that lack a release of some metric, the oldest first.

    Months without transfers inside the period are released like all others: that one is silent would be a leak.
    """
    months = releasable_months(cut, now=now)
    if not months:
        return []
    with read(engine) as reader:
        released = released_periods(reader, book.book_id)
    names = [spec.name for spec in metric_specs(book.currency)]
    return [month for month in months if any((name, month) not in released for name in names)]


def releasable_months(cut: BronzeFiles, *, now: datetime) -> list[date]:
    """The months that may be released at all: inside of the book's operating period, and closed."""
    period = operating_period(cut)
    return [] if period is None else closed_months(*period, now=now)


def closed_months(first: date, last: date, *, now: datetime) -> list[date]:
    """The months from that of `first` to that of `last` that ended at least the grace before `now`."""
    assert first <= last, "a period begins before it ends"
    return [month for month in _months(first, last) if _start(following_month(month)) + GRACE <= now]


def is_eligible(cut: BronzeFiles, book: Book) -> bool:
    """Whether the book has enough partners in some vertical for any insight at all."""
    return any(eligible_verticals(cut, min_partners=spec.min_partners) for spec in metric_specs(book.currency))


def _months(first: date, last: date) -> Iterator[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = following_month(month)


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
