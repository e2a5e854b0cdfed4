"""Reads statements: the sums of accounts before and after a period of accounting dates, and the entries between them.

They are derived from the journal as it is now, so that a transfer that is dated back appears on its date. Nothing is
dated ahead: what counts to a period was recorded while it lasted, or later and then dated back, which is indexed.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.book.judging.sums import Sums
from ledger.book.reading.entry_pages import ENTRY_COLUMNS, EntryView, entry_view
from ledger.book.records.accounts import Account, AccountId
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId
from ledger.kernel.pages import Slice, position_bounds
from ledger.kernel.sql import table
from ledger.kernel.work import Reader
from ledger.tenancy.calendars import book_calendar

DAYS_MAX: Final = 366
"""The longest period of a statement."""

_EARLIEST: Final = date(1970, 1, 2)


class Period(NamedTuple):
    """Accounting dates of a book from one up to another, which is the first one behind them, and their instants."""

    from_on: date
    until: date
    starts_at: datetime
    ends_at: datetime


class StatementSums(NamedTuple):
    """The posted debits and credits of an account before a period, and at its end."""

    opening: Sums
    closing: Sums


def statement_period(reader: Reader, book_id: BookId, from_on: date, until: date) -> Period:
    """Return the period of a statement. Raises `InvalidInput` for one that is empty or too long."""
    if not (_EARLIEST <= from_on < until and until - from_on <= timedelta(days=DAYS_MAX)):
        raise InvalidInput(f"a statement is of 1 to {DAYS_MAX} days: give the first one, and the one behind the last")
    calendar = book_calendar(reader.connection, book_id)
    return Period(from_on, until, calendar.starts_at(from_on), calendar.starts_at(until))


def statement_sums(
    reader: Reader, book_id: BookId, account_ids: Sequence[AccountId], period: Period
) -> dict[AccountId, StatementSums]:
    """Return the sums before and after a period, by account, of those in the reader's scope, in one statement."""
    asked = {"book": book_id, "partner": reader.partner_id, "accounts": list(account_ids), **period._asdict()}
    rows = reader.connection.execute(_SUMS, asked)
    return {row.account_id: StatementSums(_posted(*row[1:3]), _posted(*row[3:5])) for row in rows}


def statement_entries(
    reader: Reader, book_id: BookId, account_ids: Sequence[AccountId], period: Period, *, wanted: Slice[int]
) -> dict[AccountId, list[EntryView]]:
    """Return the same slice of the entries that count to a period, by position, by account, in one statement."""
    span = wanted.bounds(is_descending=False)
    asked = {"book": book_id, "partner": reader.partner_id, "accounts": list(account_ids)}
    found: dict[AccountId, list[EntryView]] = {account_id: [] for account_id in account_ids}
    for row in reader.connection.execute(
        _ENTRIES[span.is_descending], asked | period._asdict() | position_bounds(span)
    ):
        found[row.account_id].append(entry_view(row))
    return {account_id: wanted.in_order(each) for account_id, each in found.items()}


def _posted(debits: int, credits: int) -> Sums:  # noqa: A002  # the other side of debits
    return Sums(int(debits), int(credits), 0, 0)


_ACCOUNTS: Final = table(Account)
_ID: Final = _ACCOUNTS.c.account_id.type
_PARAMETERS: Final = (sa.bindparam("partner", type_=_ID), sa.bindparam("accounts", type_=sa.ARRAY(_ID)))
_RECORDED_BEFORE: Final = """
    SELECT coalesce(max(seq), 0) FROM journal_batches WHERE book_id = :book AND recorded_at = (
        SELECT max(recorded_at) FROM journal_batches WHERE book_id = :book AND recorded_at < {}
    )
"""
_MARKS: Final = f"""
    marks AS MATERIALIZED (
        SELECT ({_RECORDED_BEFORE.format(":starts_at")}) AS start_seq,
               ({_RECORDED_BEFORE.format(":ends_at")}) AS end_seq,
               ({_RECORDED_BEFORE.format("CAST(:from_on AS date)::timestamp AT TIME ZONE 'UTC'")}) AS utc_start_seq,
               ({_RECORDED_BEFORE.format("CAST(:until AS date)::timestamp AT TIME ZONE 'UTC'")}) AS utc_end_seq
    )
"""  # texts of ours
"""The positions at which a period began and ended, by the days of the book and by those of UTC."""

_OF_ACCOUNT: Final = "e.book_id = a.book_id AND e.account_no = a.account_no AND e.kind IN ('transfer', 'post')"


def _dated_back(marks: str, before: str) -> str:
    """Return the entries that were recorded after a mark and count to a date before another, as two index ranges."""
    return f"""
        SELECT e.* FROM entries e
        WHERE {_OF_ACCOUNT} AND e.seq > m.{marks}_seq
          AND e.booked_on < {before} AND e.booked_on < (e.recorded_at AT TIME ZONE 'UTC')::date
        UNION ALL
        SELECT e.* FROM entries e
        WHERE {_OF_ACCOUNT} AND e.seq > m.{marks}_seq AND e.seq <= m.utc_{marks}_seq
          AND e.booked_on < {before} AND e.booked_on >= (e.recorded_at AT TIME ZONE 'UTC')::date
    """  # noqa: S608  # texts of ours


def _sums_at(marks: str, before: str) -> str:
    """Return the posted sums of an account at the end of the day before a date."""
    return f"""
        SELECT coalesce(stood.debits_minor, 0) + coalesce(back.debits, 0) AS debits,
               coalesce(stood.credits_minor, 0) + coalesce(back.credits, 0) AS credits
        FROM (
            SELECT sum(d.amount_minor) FILTER (WHERE d.side = 'debit') AS debits,
                   sum(d.amount_minor) FILTER (WHERE d.side = 'credit') AS credits
            FROM ({_dated_back(marks, before)}) d
        ) back
        LEFT JOIN LATERAL (
            SELECT * FROM entries e
            WHERE e.book_id = a.book_id AND e.account_no = a.account_no AND e.seq <= m.{marks}_seq
            ORDER BY e.seq DESC LIMIT 1
        ) stood ON true
    """  # noqa: S608  # texts of ours


_SUMS: Final = sa.text(f"""
    WITH {_MARKS}
    SELECT a.account_id, opening.debits, opening.credits, closing.debits, closing.credits
    FROM accounts a CROSS JOIN marks m
    CROSS JOIN LATERAL ({_sums_at("start", ":from_on")}) opening
    CROSS JOIN LATERAL ({_sums_at("end", ":until")}) closing
    WHERE a.book_id = :book AND a.account_id = ANY(:accounts) AND (a.partner_id = :partner) IS NOT FALSE
""").bindparams(*_PARAMETERS)  # noqa: S608  # texts of ours


def _entries(direction: str) -> sa.TextClause:
    """Return the query of a page; each part of it is cut off by itself, so that an index gives it in its order."""
    cut = f"AND e.seq > :above AND e.seq < :below ORDER BY e.seq {direction} LIMIT :limit"
    return sa.text(f"""
        WITH {_MARKS}
        SELECT {ENTRY_COLUMNS} FROM accounts a CROSS JOIN marks m
        CROSS JOIN LATERAL (
            SELECT * FROM (
                (
                    SELECT * FROM entries e
                    WHERE {_OF_ACCOUNT} AND e.seq > m.start_seq AND e.seq <= m.end_seq AND e.booked_on >= :from_on {cut}
                ) UNION ALL (
                    SELECT * FROM ({_dated_back("end", ":until")}) e WHERE e.booked_on >= :from_on {cut}
                )
            ) counted
            ORDER BY counted.seq {direction} LIMIT :limit
        ) e
        WHERE a.book_id = :book AND a.account_id = ANY(:accounts) AND (a.partner_id = :partner) IS NOT FALSE
        ORDER BY e.seq {direction}
    """).bindparams(*_PARAMETERS)  # noqa: S608  # texts of ours, and one of two words


_ENTRIES: Final = {True: _entries("DESC"), False: _entries("ASC")}
