"""Search: finds transfers by a filter, newest first, page by page, with bounded work per page.

A page scans one index, that of the most selective filter, and at most `LOOKED_MAX` transfers. So a page may hold few
transfers, or none, and still not be the last one: its `searched_to` is where the next page begins.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from operator import eq, ge, le, lt
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from ledger.book.reading.entries import ENTRIES
from ledger.book.reading.transfers import ENDED_BY, TransferView, transfers_at
from ledger.book.records.accounts import Account, AccountId, AccountNo
from ledger.book.records.transfers import Kind, OpenHold, Transfer, TransferTag
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.sql import table
from ledger.kernel.work import Reader
from ledger.tenancy.records import PartnerNo

_ACCOUNTS: Final = table(Account)
_OPEN_HOLDS: Final = table(OpenHold)
_TRANSFER_TAGS: Final = table(TransferTag)
_TRANSFERS: Final = table(Transfer)

LOOKED_MAX: Final = 50_000
"""Maximum number of transfers that one page scans."""


class HoldStatus(StrEnum):
    """The state of a hold: open, or the way it ended."""

    OPEN = "open"
    POSTED = "posted"
    VOIDED = "voided"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class TransferFilter:
    """The filters of a search; those that are None do not apply.

    Instants are from inclusive, until exclusive; amounts are inclusive, in minor units. `hold_status` finds holds only.
    A reader of all partners must name the partner to search by reference, counterparty or tag.
    """

    partner_id: PartnerId | None = None
    account_id: AccountId | None = None
    code: str | None = None
    kind: Kind | None = None
    hold_status: HoldStatus | None = None
    currency: str | None = None
    amount_at_least_minor: int | None = None
    amount_at_most_minor: int | None = None
    recorded_from: datetime | None = None
    recorded_until: datetime | None = None
    effective_from: datetime | None = None
    effective_until: datetime | None = None
    external_ref: str | None = None
    counterparty: str | None = None
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The transfers found, newest first; the next page is `before=searched_to`, which is None after the last page."""

    views: list[TransferView]
    searched_to: int | None


class _Span(NamedTuple):
    """The scope of a search in the journal's own numbers: positions from `first` on and below `before`."""

    partner_no: PartnerNo | None
    account_no: AccountNo | None
    first: int
    before: int


class _Statements(NamedTuple):
    """The statements for the matching positions of a page and for its extent; built once per set of filters."""

    matching: sa.Select[tuple[int]]
    extent: sa.Select[int, int]


def found_transfers(
    reader: Reader, book_id: BookId, wanted: TransferFilter, *, before: int | None = None, limit: int = 20
) -> Page:
    """Return a page of up to `limit` transfers at positions below `before`. Raises `InvalidInput`."""
    assert 0 < limit <= LOOKED_MAX, f"a page of {limit}"
    span = _span(reader, book_id, wanted, before)
    if span is None:
        return Page([], None)
    asked = _asked(span, wanted)
    statements = _statements(frozenset(asked), wanted.hold_status)
    values = {
        **asked,
        "book": book_id,
        "first": span.first,
        "before": span.before,
        "limit": limit,
        "looked": LOOKED_MAX,
    }
    positions: list[int] = [row.seq for row in reader.connection.execute(statements.matching, values)]
    views = transfers_at(reader, book_id, positions)
    if len(positions) == limit:
        return Page(views, positions[-1])
    seen = reader.connection.execute(statements.extent, values).one()
    return Page(views, seen.last if seen.size == LOOKED_MAX else None)


def _span(reader: Reader, book_id: BookId, wanted: TransferFilter, before: int | None) -> _Span | None:
    """Look up the numbers of the filter in one statement. Returns None if the reader can see nothing that matches."""
    partner_id = reader.partner_id or wanted.partner_id
    if wanted.partner_id not in (None, partner_id):
        return None
    if partner_id is None and (wanted.external_ref or wanted.counterparty or wanted.tag):
        raise InvalidInput("references, counterparties and tags are each partner's own: name the partner")
    # No transfer is effective after it was recorded, so that an effective time bounds the positions from below as well.
    since = max((each for each in (wanted.recorded_from, wanted.effective_from) if each is not None), default=None)
    keys = {"book": book_id, "partner": partner_id, "account": wanted.account_id}
    numbers = reader.connection.execute(_NUMBERS, {**keys, "since": since, "until": wanted.recorded_until}).one()
    if (numbers.partner_no is None) != (partner_id is None):
        return None
    if (numbers.account_no is None) != (wanted.account_id is None):
        return None
    end = numbers.below if before is None else min(numbers.below, before)
    return _Span(numbers.partner_no, numbers.account_no, numbers.first, end)


def _asked(span: _Span, wanted: TransferFilter) -> dict[str, object]:
    """Return the filter's values by the names of `_COMPARISONS`, without those that do not apply."""
    numbers = {"partner_no": span.partner_no, "account_no": span.account_no}
    said = numbers | {name: getattr(wanted, name) for name in _COMPARISONS if name not in numbers}
    return {name: value for name, value in said.items() if value is not None}


@cache
def _statements(asked: frozenset[str], status: HoldStatus | None) -> _Statements:
    looked = _looked(asked, status)
    transfers = _TRANSFERS.c
    narrow = [_compared(name) for name in _COMPARISONS if name in asked]
    narrow += [] if status is None else [_has_status(status)]
    # Scanned positions are matched one by one until there are enough; the offset of zero keeps the planner from joining
    # all of them first.
    one = sa.select(transfers.seq).where(transfers.book_id == _BOOK, transfers.seq == looked.c.seq, *narrow)
    found = one.offset(0).lateral("found")
    matching = sa.select(looked.c.seq).join(found, sa.true()).order_by(looked.c.seq.desc())
    extent = sa.select(sa.func.count().label("size"), sa.func.min(looked.c.seq).label("last")).select_from(looked)
    return _Statements(matching.limit(sa.bindparam("limit", type_=sa.BigInteger())), extent)


def _looked(asked: frozenset[str], status: HoldStatus | None) -> sa.Subquery:
    """Select the positions that a page scans, newest first, from the index of the most selective filter."""
    source: sa.FromClause = _TRANSFERS
    narrow: list[sa.ColumnElement[bool]] = []
    named = next((name for name in ("external_ref", "counterparty") if name in asked), None)
    if named is not None:
        narrow = [_compared(named), _compared("partner_no")]
    elif "tag" in asked:
        source = _TRANSFER_TAGS
        narrow = [_TRANSFER_TAGS.c.tag == _value("tag"), _TRANSFER_TAGS.c.partner_no == _value("partner_no")]
    elif "account_no" in asked:
        source, narrow = ENTRIES, [ENTRIES.c.account_no == _value("account_no")]
    elif status is HoldStatus.OPEN:
        source = _OPEN_HOLDS
    elif "partner_no" in asked:
        narrow = [_compared("partner_no")]
    at = source.c.seq
    query = sa.select(at).where(source.c.book_id == _BOOK, at >= _FIRST, at < _BEFORE, *narrow)
    return query.order_by(at.desc()).limit(_LOOKED).subquery("looked")


def _compared(name: str) -> sa.ColumnElement[bool]:
    column, compare = _COMPARISONS[name]
    answer: sa.ColumnElement[bool] = compare(column, _value(name))
    return answer


def _value(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=_TYPES.get(name, _COMPARISONS[name][0].type))


def _has_status(status: HoldStatus) -> sa.ColumnElement[bool]:
    kind, ended = _ENDED_BY[status], ENDED_BY
    return sa.and_(_TRANSFERS.c.kind == Kind.HOLD, ended.is_(None) if kind is None else ended == kind)


_BOOK: Final = sa.bindparam("book", type_=sa.Integer())
_FIRST: Final = sa.bindparam("first", type_=sa.BigInteger())
_BEFORE: Final = sa.bindparam("before", type_=sa.BigInteger())
_LOOKED: Final = sa.bindparam("looked", type_=sa.BigInteger())
_SIDES: Final = postgresql.array([_TRANSFERS.c.debit_account_no, _TRANSFERS.c.credit_account_no])
_WORDS: Final = sa.func.string_to_array(_TRANSFERS.c.tags, " ", type_=sa.ARRAY(sa.Text()))
_COMPARISONS: Final[Mapping[str, tuple[sa.ColumnElement[Any], Callable[[Any, Any], Any]]]] = {
    "partner_no": (_TRANSFERS.c.partner_no, eq),
    "account_no": (sa.any_(_SIDES), eq),
    "code": (_TRANSFERS.c.code, eq),
    "kind": (_TRANSFERS.c.kind, eq),
    "currency": (_TRANSFERS.c.currency, eq),
    "amount_at_least_minor": (_TRANSFERS.c.amount_minor, ge),
    "amount_at_most_minor": (_TRANSFERS.c.amount_minor, le),
    "effective_from": (_TRANSFERS.c.effective_at, ge),
    "effective_until": (_TRANSFERS.c.effective_at, lt),
    "external_ref": (_TRANSFERS.c.external_ref, eq),
    "counterparty": (_TRANSFERS.c.counterparty, eq),
    "tag": (sa.any_(_WORDS), eq),
}
"""The comparisons by their name in the filter or the span: the column, and its operator."""

_TYPES: Final[Mapping[str, sa.types.TypeEngine[Any]]] = {"account_no": sa.Integer(), "tag": sa.Text()}
"""The types of comparisons with several values."""

_ENDED_BY: Final = {
    HoldStatus.OPEN: None,
    HoldStatus.POSTED: Kind.POST,
    HoldStatus.VOIDED: Kind.VOID,
    HoldStatus.EXPIRED: Kind.EXPIRY,
}
_INSTANT: Final = sa.DateTime(timezone=True)
_NUMBERS: Final = sa.text("""
    SELECT (SELECT partner_no FROM partners WHERE book_id = :book AND partner_id = :partner) AS partner_no,
           (SELECT account_no FROM accounts WHERE book_id = :book AND account_id = :account) AS account_no,
           CASE WHEN :since IS NULL THEN 0 ELSE coalesce((
               SELECT first_seq FROM journal_batches WHERE book_id = :book AND recorded_at >= :since
               ORDER BY recorded_at LIMIT 1
           ), 9223372036854775807) END AS first,
           coalesce((
               SELECT first_seq FROM journal_batches WHERE book_id = :book AND recorded_at >= :until
               ORDER BY recorded_at LIMIT 1
           ), 9223372036854775807) AS below
""").bindparams(
    sa.bindparam("partner", type_=_ACCOUNTS.c.partner_id.type),
    sa.bindparam("account", type_=_ACCOUNTS.c.account_id.type),
    sa.bindparam("since", type_=_INSTANT),
    sa.bindparam("until", type_=_INSTANT),
)
