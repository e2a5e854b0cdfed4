"""Reads accounts with their balances now: one, several, or a page of them.

Every transfer states the sums of both its accounts after it, so that a balance is one row: the account's newest.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from ledger.book.reading.account_views import OWN_ORDINALS, SUM_COLUMNS, AccountView, account_view_of
from ledger.book.records.accounts import Account, AccountId
from ledger.kernel.ids import BookId
from ledger.kernel.pages import Slice
from ledger.kernel.row_query import RowQuery
from ledger.kernel.sql import table
from ledger.kernel.work import Reader

_ACCOUNTS: Final = table(Account)

_WHOLE: Final[Slice[AccountId]] = Slice()
_LOWEST: Final = UUID(int=0)
_HIGHEST: Final = UUID(int=(1 << 128) - 1)


def account(reader: Reader, book_id: BookId, account_id: AccountId) -> AccountView | None:
    """Return an account with its current balance, or None if there is none in the reader's scope."""
    return ACCOUNT_BY_ID.read(reader, book=book_id, partner=reader.partner_id, key=account_id)


def account_named(reader: Reader, book_id: BookId, external_ref: str, or_as: str | None = None) -> AccountView | None:
    """Return an account by its reference, in one stored form or another, or None if there is none in scope."""
    asked = {"key": external_ref, "or_as": or_as or external_ref}
    return ACCOUNT_BY_REFERENCE.read(reader, book=book_id, partner=reader.partner_id, **asked)


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


def _several(reader: Reader, query: sa.TextClause, book_id: BookId, **asked: object) -> list[AccountView]:
    values = {"book": book_id, "partner": reader.partner_id, **asked}
    return [account_view_of(row._asdict()) for row in reader.connection.execute(query, values)]


_VIEWS: Final = """
    SELECT a.*, h.last_seq, {more}
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
        SELECT {sums} FROM entries e WHERE e.book_id = a.book_id AND e.account_no = a.account_no
        ORDER BY e.seq DESC LIMIT 1
    ) e ON true
    WHERE a.book_id = :book
"""
_SUMS: Final = ", ".join(SUM_COLUMNS)
_SEVERAL: Final = _VIEWS.format(sums=_SUMS, more="")
_ONE: Final = _VIEWS.format(sums=_SUMS, more=OWN_ORDINALS.format(as_of="h.last_seq"))
# "IS NOT FALSE" also holds for a null partner, which sees everything, so that no index can serve it: without statistics
# PostgreSQL rates the index of a partner's accounts as highly as the key, and would scan all of them.
_PARTNER: Final = sa.bindparam("partner", type_=_ACCOUNTS.c.partner_id.type)
_SCOPE: Final = " AND (a.partner_id = :partner) IS NOT FALSE"
ACCOUNT_BY_ID: Final = RowQuery(_ONE + _SCOPE + " AND a.account_id = :key", account_view_of, (_PARTNER,))
"""The account with the id `key` in the scope of `partner`, with its current balance."""

ACCOUNT_BY_REFERENCE: Final = RowQuery(
    _ONE + _SCOPE + " AND a.external_ref IN (:key, :or_as)", account_view_of, (_PARTNER,)
)
"""The account with the stored reference `key` or `or_as` in the scope of `partner`, with its current balance."""

_BY_IDS: Final = sa.text(_SEVERAL + _SCOPE + " AND a.account_id = ANY(:keys)").bindparams(
    _PARTNER, sa.bindparam("keys", type_=sa.ARRAY(_ACCOUNTS.c.account_id.type))
)
_BY_REFS: Final = sa.text(_SEVERAL + _SCOPE + " AND a.external_ref = ANY(:keys)").bindparams(
    _PARTNER, sa.bindparam("keys", type_=sa.ARRAY(sa.Text()))
)
_ID: Final = _ACCOUNTS.c.account_id.type
_BOUNDS: Final = (sa.bindparam("above", type_=_ID), sa.bindparam("below", type_=_ID))


def _page(scope: str, *, is_descending: bool) -> sa.TextClause:
    order = " ORDER BY a.account_id DESC LIMIT :limit" if is_descending else " ORDER BY a.account_id LIMIT :limit"
    return sa.text(_SEVERAL + " AND a.account_id > :above AND a.account_id < :below" + scope + order)


_PAGE_OF_ALL: Final = {each: _page("", is_descending=each).bindparams(*_BOUNDS) for each in (True, False)}
_PAGE: Final = {
    each: _page(" AND a.partner_id = :partner", is_descending=each).bindparams(_PARTNER, *_BOUNDS)
    for each in (True, False)
}
