"""Book calendars: how a book counts its accounting dates, as dated facts, and what was not booked by them."""

from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from ledger.book.lookups import Driver
from ledger.book.terms import require_reason
from ledger.events import journal
from ledger.events.tables import BOOK_CALENDARS
from ledger.kernel.calendar import Calendar, DayRule, time_zone
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId
from ledger.kernel.work import Reader, Work
from ledger.records.books import BookCalendar

_RULES: Final = "SELECT from_on, time_zone, cut_off_minutes FROM book_calendars WHERE book_id = %s ORDER BY seq"


def book_calendar(connection: sa.Connection, book_id: BookId) -> Calendar:
    """The calendar of a book as it is known now; days of UTC where the book says nothing."""
    return Calendar(day_rules(journal.driver(connection), book_id))


def day_rules(connection: Driver, book_id: BookId) -> tuple[DayRule, ...]:
    """The rules of a book's calendar in the order in which they were made."""
    rows = connection.execute(_RULES, (book_id,), binary=True)
    return tuple(DayRule(*row) for row in rows)  # type: ignore[arg-type]  # the driver types a row's values as objects


def set_calendar(work: Work, book_id: BookId, rule: DayRule, *, reason: str) -> BookCalendar:
    """Count the accounting dates from `rule.from_on` on by a rule; the same rule again gives the fact that stands.

    What is booked stays as it is: raises `InvalidInput` for a date that is closed and, in a book with any transfer, for
    one that has begun.
    """
    assert work.partner_id is None, "a book is counted by its operator's calendar"
    require_reason(reason)
    time_zone(rule.time_zone)
    batch = journal.open_batch(work, book_id)
    standing = calendar_facts(Reader(work.connection), book_id)
    if standing and _rule_of(standing[-1]) == rule:
        return standing[-1]
    _require_free(Calendar([*map(_rule_of, standing), rule]), rule, work, batch)
    journal.seal(work, batch, [journal.draft(BookCalendar, **rule._asdict(), actor=work.actor, reason=reason)])
    return calendar_facts(Reader(work.connection), book_id)[-1]


def calendar_facts(reader: Reader, book_id: BookId) -> list[BookCalendar]:
    """What was said of the calendar, in the order in which it was said."""
    table = BOOK_CALENDARS.c
    query = sa.select(BOOK_CALENDARS).where(table.book_id == book_id).order_by(table.seq)
    return [BookCalendar(**row._asdict()) for row in reader.connection.execute(query)]


def misdated(reader: Reader, book_id: BookId) -> list[str]:
    """Every accounting date that holds a transfer or refusal which the book's calendar counts to another one."""
    calendar = book_calendar(reader.connection, book_id)
    return [
        f"{row.booked_on}: {row.what} between position {row.first} and {row.last} count from outside of it"
        for row in reader.connection.execute(_DATES, {"book": book_id})
        if not all(calendar.holds(row.booked_on, edge) for edge in (row.earliest, row.latest))
    ]


def _rule_of(fact: BookCalendar) -> DayRule:
    return DayRule(fact.from_on, fact.time_zone, fact.cut_off_minutes)


def _require_free(calendar: Calendar, rule: DayRule, work: Work, batch: journal.OpenBatch) -> None:
    closed, now = batch.head.closed_until_on, batch.recorded_at
    if closed is not None and rule.from_on <= closed:
        raise InvalidInput(f"{rule.from_on} is closed, with all days up to {closed}; choose a day behind them")
    begins = calendar.starts_at(rule.from_on)
    if begins <= now and work.connection.execute(_ANY, {"book": batch.book_id}).scalar_one():
        free = calendar.booked_on(now) + timedelta(days=2)
        raise InvalidInput(
            f"by {rule.time_zone} {rule.from_on} began at {begins:%Y-%m-%dT%H:%M:%SZ}, and the book has transfers, "
            f"whose dates stand; choose a day that has not begun, such as {free}"
        )


_ANY: Final = sa.text("""
    SELECT EXISTS (SELECT FROM transfers WHERE book_id = :book)
        OR EXISTS (SELECT FROM refused_transfers WHERE book_id = :book)
""")
_DATES: Final = sa.text("""
    SELECT 'transfers' AS what, booked_on, min(effective_at) AS earliest, max(effective_at) AS latest,
           min(seq) AS first, max(seq) AS last
    FROM transfers WHERE book_id = :book GROUP BY booked_on
    UNION ALL
    SELECT 'refused transfers', booked_on, min(effective_at), max(effective_at), min(seq), max(seq)
    FROM refused_transfers WHERE book_id = :book AND booked_on IS NOT NULL GROUP BY booked_on
    ORDER BY 2, 1
""")
