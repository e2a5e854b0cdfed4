"""Periods: closes all accounting dates up to a day, under a seal over the trial balance that anybody can recompute.

The seal is the SHA-256 of one line per account with anything booked up to that day, ordered by account number:
`account_no,currency,debits,credits` and a line feed, in ASCII. Debits and credits are the sums, in minor units, of the
account's transfers and posts with `booked_on` up to the day that were recorded before the closing; holds do not count.
"""

import hashlib
from datetime import date
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.book.records.accounts import AccountNo
from ledger.book.records.periods import PeriodClosing
from ledger.journal import journal
from ledger.kernel.calendar import Calendar
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId
from ledger.kernel.reasons import require_reason
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.tenancy.calendars import book_calendar

_PERIOD_CLOSINGS: Final = table(PeriodClosing)


class _Line(NamedTuple):
    currency: str
    debits: int
    credits: int


_Lines = dict[AccountNo, _Line]


def close_period(work: Work, book_id: BookId, until: date, *, reason: str) -> PeriodClosing:
    """Close every accounting date up to `until`; if `until` is the last closed day already, return its closing.

    Raises `InvalidInput` if the day is not over yet, or is before the last closed day.
    """
    assert work.partner_id is None, "a period is closed for a whole book, by its operator"
    require_reason(reason)
    # Most of the sums are read before the lock, so that writers wait only while the newest transfers are added.
    before = journal.head(work.connection, book_id).last_seq
    lines = _lines(work.connection, book_id, until, after=0, upto=before)
    batch = journal.open_batch(work, book_id)
    if batch.head.closed_until_on == until:
        return closings(Reader(work.connection), book_id, limit=1)[0]
    _require_closable(until, batch, book_calendar(work.connection, book_id))
    _add(lines, _lines(work.connection, book_id, until, after=before, upto=batch.head.last_seq))
    fact = journal.draft(
        PeriodClosing,
        closed_until_on=until,
        accounts=len(lines),
        seal=_seal(lines),
        actor=work.actor,
        reason=reason,
    )
    journal.seal(work, batch, [fact], closed_until_on=until)
    return closings(Reader(work.connection), book_id, limit=1)[0]


def closings(reader: Reader, book_id: BookId, *, before: int | None = None, limit: int = 20) -> list[PeriodClosing]:
    """Return up to `limit` closings with positions below `before`, newest first."""
    period_closings = _PERIOD_CLOSINGS.c
    query = (
        sa.select(_PERIOD_CLOSINGS)
        .where(period_closings.book_id == book_id)
        .order_by(period_closings.seq.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(period_closings.seq < before)
    return [PeriodClosing(**row._asdict()) for row in reader.connection.execute(query)]


def broken_seals(reader: Reader, book_id: BookId) -> list[str]:
    """List the closings whose seal does not match the transfers, by day and position."""
    period_closings, faults = _PERIOD_CLOSINGS.c, []
    query = sa.select(_PERIOD_CLOSINGS).where(period_closings.book_id == book_id).order_by(period_closings.seq)
    for closing in reader.connection.execute(query).all():
        lines = _lines(reader.connection, book_id, closing.closed_until_on, after=0, upto=closing.seq)
        if (closing.accounts, closing.seal) != (len(lines), _seal(lines)):
            faults.append(
                f"position {closing.seq}, closed until {closing.closed_until_on}: the seal does not match the transfers"
            )
    return faults


def _require_closable(until: date, batch: journal.OpenBatch, calendar: Calendar) -> None:
    today, closed = calendar.booked_on(batch.recorded_at), batch.head.closed_until_on
    if until >= today:
        raise InvalidInput(
            f"{until} is not over: the book is at {today} ({calendar.rule_on(today).time_zone}); close a day before it"
        )
    if closed is not None and until < closed:
        raise InvalidInput(f"{until} is closed already, with all days up to {closed}; close a later day")


def _lines(connection: sa.Connection, book_id: BookId, until: date, *, after: int, upto: int) -> _Lines:
    asked = {"book": book_id, "until": until, "after": after, "upto": upto}
    rows = connection.execute(_BOOKED, asked)
    return {row.account_no: _Line(row.currency, int(row.debits), int(row.credits)) for row in rows}


def _add(lines: _Lines, more: _Lines) -> None:
    for number, line in more.items():
        known = lines.get(number, _Line(line.currency, 0, 0))
        lines[number] = _Line(line.currency, known.debits + line.debits, known.credits + line.credits)


def _seal(lines: _Lines) -> bytes:
    text = "".join(
        f"{number},{currency},{debits},{credits_}\n" for number, (currency, debits, credits_) in sorted(lines.items())
    )
    return hashlib.sha256(text.encode("ascii")).digest()


_BOOKED: Final = sa.text("""
    SELECT b.account_no, a.currency, b.debits, b.credits
    FROM (
        SELECT account_no,
               coalesce(sum(amount_minor) FILTER (WHERE side = 'debit'), 0) AS debits,
               coalesce(sum(amount_minor) FILTER (WHERE side = 'credit'), 0) AS credits
        FROM entries
        WHERE book_id = :book AND seq > :after AND seq <= :upto AND booked_on <= :until
          AND kind IN ('transfer', 'post')
        GROUP BY account_no
    ) b
    JOIN accounts a ON a.book_id = :book AND a.account_no = b.account_no
""")
