"""Reads accounts with their balances: now, at any position, at any recorded instant, by any effective day.

Every transfer states the sums of both its accounts after it, so that a balance is one row: the account's newest up to
the requested position.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from ledger.book.judging.sums import NOTHING, Sums, measured
from ledger.book.records.accounts import Account, AccountId, Frozen
from ledger.book.records.monitors import Measure
from ledger.kernel.ids import BookId
from ledger.kernel.money import Money
from ledger.kernel.pages import Slice
from ledger.kernel.row_query import RowQuery
from ledger.kernel.sql import table
from ledger.kernel.work import Reader
from ledger.tenancy.calendars import book_calendar

_ACCOUNTS: Final = table(Account)

_WHOLE: Final[Slice[AccountId]] = Slice()
_LOWEST: Final = UUID(int=0)
_HIGHEST: Final = UUID(int=(1 << 128) - 1)

_ACCOUNT_COLUMNS: Final = [column.name for column in _ACCOUNTS.c]


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account with its newest terms and the sums of its transfers, as of position `as_of_seq`."""

    account: Account
    frozen: Frozen
    is_closed: bool
    sums: Sums
    as_of_seq: int

    @property
    def balance(self) -> Money:
        """The posted amount, positive on the account's normal side."""
        return self._measured(Measure.POSTED)

    @property
    def pending(self) -> Money:
        """The amount reserved by open holds."""
        return self._measured(Measure.PENDING)

    @property
    def available(self) -> Money:
        """The amount that may still be taken, credit line included."""
        return self._measured(Measure.AVAILABLE)

    def _measured(self, measure: Measure) -> Money:
        account = self.account
        line = account.credit_line_minor
        return Money(measured(measure, self.sums, account.normal_side, credit_line_minor=line), account.currency)


def account(reader: Reader, book_id: BookId, account_id: AccountId) -> AccountView | None:
    """Return an account with its current balance, or None if there is none in the reader's scope."""
    return ACCOUNT_BY_ID.read(reader, book=book_id, partner=reader.partner_id, key=account_id)


def account_named(reader: Reader, book_id: BookId, external_ref: str) -> AccountView | None:
    """Return an account by its reference with its current balance, or None if there is none in the reader's scope."""
    return ACCOUNT_BY_REFERENCE.read(reader, book=book_id, partner=reader.partner_id, key=external_ref)


def accounts(reader: Reader, book_id: BookId, account_ids: Sequence[AccountId]) -> dict[AccountId, AccountView]:
    """Return those of the accounts that are in the reader's scope, with their current balances, in one statement."""
    found = _several(reader, _BY_IDS, book_id, keys=list(account_ids))
    return {view.account.account_id: view for view in found}


def accounts_named(reader: Reader, book_id: BookId, references: Sequence[str]) -> dict[str, AccountView]:
    """Return those of the references, as stored, that name an account in the reader's scope, in one statement."""
    return {view.account.external_ref: view for view in _several(reader, _BY_REFS, book_id, keys=list(references))}


def accounts_page(reader: Reader, book_id: BookId, wanted: Slice[AccountId] = _WHOLE) -> list[AccountView]:
    """Return a slice of the accounts, ordered by id."""
    span = wanted.bounds(is_descending=False)
    asked = {"above": span.above or _LOWEST, "below": span.below or _HIGHEST, "limit": span.limit}
    pages = _PAGE if reader.partner_id is not None else _PAGE_OF_ALL
    return wanted.in_order(_several(reader, pages[span.is_descending], book_id, **asked))


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


def account_view_of(values: Mapping[str, Any]) -> AccountView:
    """Return the view of a row with the columns of an account, its newest terms, its sums and its position."""
    stored = Account(**{name: values[name] for name in _ACCOUNT_COLUMNS})
    if values["frozen"] is not None:
        stored = replace(
            stored,
            debits_within_credits=values["terms_debits_within_credits"],
            credits_within_debits=values["terms_credits_within_debits"],
            credit_line_minor=values["terms_credit_line_minor"],
        )
    sums = Sums(*(values[name] or 0 for name in _SUM_COLUMNS))
    frozen = Frozen(values["frozen"] or Frozen.NONE)
    return AccountView(stored, frozen, values["is_closed"], sums, values["last_seq"])


def _several(reader: Reader, query: sa.TextClause, book_id: BookId, **asked: object) -> list[AccountView]:
    values = {"book": book_id, "partner": reader.partner_id, **asked}
    return [account_view_of(row._asdict()) for row in reader.connection.execute(query, values)]


_SUM_COLUMNS: Final = ("debits_minor", "credits_minor", "pending_debits_minor", "pending_credits_minor")
_VIEWS: Final = f"""
    SELECT a.*, h.last_seq,
           t.frozen, t.debits_within_credits AS terms_debits_within_credits,
           t.credits_within_debits AS terms_credits_within_debits, t.credit_line_minor AS terms_credit_line_minor,
           e.debits_minor, e.credits_minor, e.pending_debits_minor, e.pending_credits_minor,
           EXISTS (
               SELECT 1 FROM open_holds o WHERE o.book_id = a.book_id AND o.closed_account_no = a.account_no
           ) AS is_closed
    FROM accounts a
    JOIN book_heads h ON h.book_id = a.book_id
    LEFT JOIN LATERAL (
        SELECT * FROM account_terms t WHERE t.book_id = a.book_id AND t.account_id = a.account_id
        ORDER BY t.seq DESC LIMIT 1
    ) t ON true
    LEFT JOIN LATERAL (
        SELECT {", ".join(_SUM_COLUMNS)} FROM entries e WHERE e.book_id = a.book_id AND e.account_no = a.account_no
        ORDER BY e.seq DESC LIMIT 1
    ) e ON true
    WHERE a.book_id = :book
"""  # noqa: S608  # the names of the columns above
# "IS NOT FALSE" also holds for a null partner, which sees everything, so that no index can serve it: without statistics
# PostgreSQL rates the index of a partner's accounts as highly as the key, and would scan all of them.
_PARTNER: Final = sa.bindparam("partner", type_=_ACCOUNTS.c.partner_id.type)
_SCOPED: Final = _VIEWS + " AND (a.partner_id = :partner) IS NOT FALSE"
ACCOUNT_BY_ID: Final = RowQuery(_SCOPED + " AND a.account_id = :key", account_view_of, (_PARTNER,))
"""The account with the id `key` in the scope of `partner`, with its current balance."""

ACCOUNT_BY_REFERENCE: Final = RowQuery(_SCOPED + " AND a.external_ref = :key", account_view_of, (_PARTNER,))
"""The account with the stored reference `key` in the scope of `partner`, with its current balance."""

_BY_IDS: Final = sa.text(_SCOPED + " AND a.account_id = ANY(:keys)").bindparams(
    _PARTNER, sa.bindparam("keys", type_=sa.ARRAY(_ACCOUNTS.c.account_id.type))
)
_BY_REFS: Final = sa.text(_SCOPED + " AND a.external_ref = ANY(:keys)").bindparams(
    _PARTNER, sa.bindparam("keys", type_=sa.ARRAY(sa.Text()))
)
_ID: Final = _ACCOUNTS.c.account_id.type
_BOUNDS: Final = (sa.bindparam("above", type_=_ID), sa.bindparam("below", type_=_ID))


def _page(scope: str, *, is_descending: bool) -> sa.TextClause:
    order = " ORDER BY a.account_id DESC LIMIT :limit" if is_descending else " ORDER BY a.account_id LIMIT :limit"
    return sa.text(_VIEWS + " AND a.account_id > :above AND a.account_id < :below" + scope + order)


_PAGE_OF_ALL: Final = {each: _page("", is_descending=each).bindparams(*_BOUNDS) for each in (True, False)}
_PAGE: Final = {
    each: _page(" AND a.partner_id = :partner", is_descending=each).bindparams(_PARTNER, *_BOUNDS)
    for each in (True, False)
}
_AT: Final = sa.text(
    f"""
    SELECT {", ".join(_SUM_COLUMNS)} FROM entries
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
