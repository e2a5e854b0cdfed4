"""Book calendars: the rules by which a book counts its accounting dates, as dated facts."""

from typing import Final

import psycopg
import sqlalchemy as sa

from ledger.journal import journal
from ledger.kernel.calendar import Calendar, DayRule
from ledger.kernel.ids import BookId
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.tenancy.records import BookCalendar

_BOOK_CALENDARS: Final = table(BookCalendar)

_RULES: Final = "SELECT from_on, time_zone, cut_off_minutes FROM book_calendars WHERE book_id = %s ORDER BY seq"


def book_calendar(connection: sa.Connection, book_id: BookId) -> Calendar:
    """Return the current calendar of a book; days of UTC if the book has no rules."""
    rows = connection.exec_driver_sql(_RULES, (book_id,))
    return Calendar(tuple(map(DayRule._make, rows)))


def day_rules(connection: psycopg.Connection[tuple[object, ...]], book_id: BookId) -> tuple[DayRule, ...]:
    """Return the rules of a book's calendar in the order in which they were made."""
    rows = connection.execute(_RULES, (book_id,), binary=True)
    return tuple(DayRule(*row) for row in rows)  # type: ignore[arg-type]  # the driver types a row's values as objects


def record_rule(work: Work, batch: journal.OpenBatch, rule: DayRule, *, reason: str) -> None:
    """Record that accounting dates are counted by a rule from `rule.from_on` on."""
    journal.seal(work, batch, [journal.draft(BookCalendar, **rule._asdict(), actor=work.actor, reason=reason)])


def calendar_facts(reader: Reader, book_id: BookId) -> list[BookCalendar]:
    """Return the calendar's facts, in the order in which they were recorded."""
    book_calendars = _BOOK_CALENDARS.c
    query = sa.select(_BOOK_CALENDARS).where(book_calendars.book_id == book_id).order_by(book_calendars.seq)
    return [BookCalendar(**row._asdict()) for row in reader.connection.execute(query)]


def rule_of(fact: BookCalendar) -> DayRule:
    """Return the rule that a fact states."""
    return DayRule(fact.from_on, fact.time_zone, fact.cut_off_minutes)
