"""Reads accounts with their balances as of a position, at a recorded instant, or by an effective day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa

from ledger.book.judging.sums import NOTHING, Sums
from ledger.book.reading.account_views import OWN_ORDINALS, SUM_COLUMNS, AccountView, account_view_of
from ledger.book.records.accounts import Account, AccountId
from ledger.kernel.ids import BookId
from ledger.kernel.sql import table
from ledger.kernel.work import Reader
from ledger.tenancy.calendars import book_calendar


def account_as_of(reader: Reader, book_id: BookId, account_id: AccountId, position: int) -> AccountView | None:
    """Return an account as of a position at or after its opening, or None if there is none in the reader's scope."""
    return accounts_as_of(reader, book_id, [(account_id, position)]).get((account_id, position))


def accounts_as_of(
    reader: Reader, book_id: BookId, named: Sequence[tuple[AccountId, int]]
) -> dict[tuple[AccountId, int], AccountView]:
    """Return accounts, each as of a position of its own, in one statement; leaves out those that are not found."""
    asked: dict[str, object] = {"book": book_id, "partner": reader.partner_id}
    asked |= {"accounts": [account_id for account_id, _ in named], "positions": [position for _, position in named]}
    views = (account_view_of(row._asdict()) for row in reader.connection.execute(_AS_OF, asked))
    return {(view.account.account_id, view.as_of_seq): view for view in views}


def account_at(reader: Reader, view: AccountView, position: int) -> AccountView:
    """Return the account as of an earlier position of its book."""
    asked = {"book": view.account.book_id, "account": view.account.account_no, "position": position}
    row = reader.connection.execute(_AT, asked).one_or_none()
    sums = NOTHING if row is None else Sums._make(row)
    return replace(view, sums=sums, as_of_seq=min(position, view.as_of_seq))


def position_at(reader: Reader, book_id: BookId, instant: datetime) -> int:
    """Return the newest position recorded by an instant; 0 before the first."""
    return int(reader.connection.execute(_RECORDED, {"book": book_id, "instant": instant}).scalar_one())


def account_effective(reader: Reader, view: AccountView, day: date) -> AccountView:
    """Return the account at the end of an accounting date, as known now, with backdated transfers on their date.

    Transfers recorded by the end of that day count as they did then, because nothing is dated ahead; those recorded
    later and dated back are added. Holds are not dated: the pending sums are those at the end of that day.
    """
    stored = view.account
    asked = {
        "book": stored.book_id,
        "account": stored.account_no,
        "day": day,
        "ends": book_calendar(reader.connection, stored.book_id).ends_at(day),
    }
    row = reader.connection.execute(_EFFECTIVE, asked).one()
    return replace(view, sums=Sums(*(int(value) for value in row)))


_IDS: Final = table(Account).c.account_id.type
# The account was closed at the position by a hold that is still open, or that one of its transfers has ended since.
_AS_OF: Final = sa.text(
    f"""
    SELECT a.*, asked.position AS last_seq, {OWN_ORDINALS.format(as_of="asked.position")}
           t.frozen, t.debits_within_credits AS terms_debits_within_credits,
           t.credits_within_debits AS terms_credits_within_debits, t.credit_line_minor AS terms_credit_line_minor,
           e.debits_minor, e.credits_minor, e.pending_debits_minor, e.pending_credits_minor,
           EXISTS (
               SELECT FROM open_holds o
               WHERE o.book_id = a.book_id AND o.closed_account_no = a.account_no AND o.seq <= asked.position
           ) OR EXISTS (
               SELECT FROM entries since
               JOIN transfers ended ON ended.book_id = since.book_id AND ended.seq = since.seq
               JOIN transfers h ON h.book_id = ended.book_id AND h.seq = ended.hold_seq
               WHERE since.book_id = a.book_id AND since.account_no = a.account_no AND since.seq > asked.position
                 AND h.seq <= asked.position
                 AND a.account_no = CASE h.closes
                     WHEN 'debit' THEN h.debit_account_no WHEN 'credit' THEN h.credit_account_no
                 END
           ) AS is_closed
    FROM unnest(:accounts, :positions) AS asked (account_id, position)
    JOIN accounts a ON a.account_id = asked.account_id
    LEFT JOIN LATERAL (
        SELECT * FROM account_terms t
        WHERE t.book_id = a.book_id AND t.account_id = a.account_id AND t.seq <= asked.position
        ORDER BY t.seq DESC LIMIT 1
    ) t ON true
    LEFT JOIN LATERAL (
        SELECT * FROM entries e
        WHERE e.book_id = a.book_id AND e.account_no = a.account_no AND e.seq <= asked.position
        ORDER BY e.seq DESC LIMIT 1
    ) e ON true
    WHERE a.book_id = :book AND (a.partner_id = :partner) IS NOT FALSE
      AND a.seq <= asked.position
"""  # noqa: S608  # columns of ours
).bindparams(
    sa.bindparam("accounts", type_=sa.ARRAY(_IDS)),
    sa.bindparam("positions", type_=sa.ARRAY(sa.BigInteger())),
    sa.bindparam("partner", type_=_IDS),
)
_AT: Final = sa.text(
    f"""
    SELECT {", ".join(SUM_COLUMNS)} FROM entries
    WHERE book_id = :book AND account_no = :account AND seq <= :position ORDER BY seq DESC LIMIT 1
"""  # noqa: S608  # the names of the columns above
)
_RECORDED: Final = sa.text("""
    SELECT coalesce(max(seq), 0) FROM journal_batches
    WHERE book_id = :book AND recorded_at = (
        SELECT max(recorded_at) FROM journal_batches WHERE book_id = :book AND recorded_at <= :instant
    )
""")
# Recorded after the date, and counted to it. Most of these transfers were also recorded on a later UTC day, which is
# indexed; if the book's date ends before that of UTC, the rest was recorded in the hours between.
_EFFECTIVE: Final = sa.text("""
    WITH date_end AS (
        SELECT coalesce(max(seq), 0) AS seq FROM journal_batches
        WHERE book_id = :book AND recorded_at = (
            SELECT max(recorded_at) FROM journal_batches WHERE book_id = :book AND recorded_at < :ends
        )
    ), utc_end AS (
        SELECT coalesce(max(seq), 0) AS seq FROM journal_batches
        WHERE book_id = :book AND recorded_at = (
            SELECT max(recorded_at) FROM journal_batches
            WHERE book_id = :book AND recorded_at < (CAST(:day AS date) + 1)::timestamp AT TIME ZONE 'UTC'
        )
    ), stood AS (
        SELECT e.* FROM entries e, date_end
        WHERE e.book_id = :book AND e.account_no = :account AND e.seq <= date_end.seq ORDER BY e.seq DESC LIMIT 1
    ), counted AS (
        SELECT e.side, e.amount_minor FROM entries e, date_end
        WHERE e.book_id = :book AND e.account_no = :account AND e.seq > date_end.seq
          AND e.booked_on <= :day AND e.booked_on < (e.recorded_at AT TIME ZONE 'UTC')::date
          AND e.kind IN ('transfer', 'post')
        UNION ALL
        SELECT e.side, e.amount_minor FROM entries e, date_end, utc_end
        WHERE e.book_id = :book AND e.account_no = :account AND e.seq > date_end.seq AND e.seq <= utc_end.seq
          AND e.booked_on <= :day AND e.booked_on >= (e.recorded_at AT TIME ZONE 'UTC')::date
          AND e.kind IN ('transfer', 'post')
    ), dated_back AS (
        SELECT sum(amount_minor) FILTER (WHERE side = 'debit') AS debits,
               sum(amount_minor) FILTER (WHERE side = 'credit') AS credits
        FROM counted
    )
    SELECT coalesce(stood.debits_minor, 0) + coalesce(dated_back.debits, 0),
           coalesce(stood.credits_minor, 0) + coalesce(dated_back.credits, 0),
           coalesce(stood.pending_debits_minor, 0), coalesce(stood.pending_credits_minor, 0)
    FROM dated_back LEFT JOIN stood ON true
""")
