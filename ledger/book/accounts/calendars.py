"""Changes the calendar of a book, and finds transfers whose accounting date does not follow from the calendar."""

from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from ledger.journal import journal
from ledger.kernel.calendar import Calendar, DayRule, time_zone
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId
from ledger.kernel.reasons import require_reason
from ledger.kernel.work import Reader, Work
from ledger.tenancy.calendars import book_calendar, calendar_facts, record_rule, rule_of
from ledger.tenancy.records import BookCalendar


def set_calendar(work: Work, book_id: BookId, rule: DayRule, *, reason: str) -> BookCalendar:
    """Count accounting dates by this rule from `rule.from_on` on; a repeated rule returns the recorded fact.

    Existing transfers keep their dates. Raises `InvalidInput` if the date is closed or, in a book with any transfer, if
    the date has begun.
    """
    assert work.partner_id is None, "a book is counted by its operator's calendar"
    require_reason(reason)
    time_zone(rule.time_zone)
    batch = journal.open_batch(work, book_id)
    standing = calendar_facts(Reader(work.connection), book_id)
    if standing and rule_of(standing[-1]) == rule:
        return standing[-1]
    _require_free(Calendar([*map(rule_of, standing), rule]), rule, work, batch)
    record_rule(work, batch, rule, reason=reason)
    return calendar_facts(Reader(work.connection), book_id)[-1]


def misdated(reader: Reader, book_id: BookId) -> list[str]:
    """List the accounting dates with a transfer or refusal that the book's calendar counts to another date."""
    calendar = book_calendar(reader.connection, book_id)
    return [
        f"{row.booked_on}: {row.what} between position {row.first} and {row.last} are effective outside of it"
        for row in reader.connection.execute(_DATES, {"book": book_id})
        if not all(calendar.holds(row.booked_on, edge) for edge in (row.earliest, row.latest))
    ]


def _require_free(calendar: Calendar, rule: DayRule, work: Work, batch: journal.OpenBatch) -> None:
    closed, now = batch.head.closed_until_on, batch.recorded_at
    if closed is not None and rule.from_on <= closed:
        raise InvalidInput(f"{rule.from_on} is closed, with all days up to {closed}; choose a later day")
    begins = calendar.starts_at(rule.from_on)
    if begins <= now and work.connection.execute(_ANY, {"book": batch.book_id}).scalar_one():
        free = calendar.booked_on(now) + timedelta(days=2)
        raise InvalidInput(
            f"by {rule.time_zone} {rule.from_on} began at {begins:%Y-%m-%dT%H:%M:%SZ}, and the book has transfers, "
            f"whose dates cannot change; choose a day that has not begun, such as {free}"
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
