"""Search: finds transfers by a filter, newest or oldest first, page by page, with bounded work per page.

A page scans one index, that of the most selective filter, and at most `LOOKED_MAX` transfers. So a page may hold few
transfers, or none, and still not be the last one: its `searched_to` is where the next page begins. It takes two
statements if it is full, and three otherwise.
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
from ledger.book.reading.transfer_views import TransferView
from ledger.book.reading.transfers import ENDED_BY, at_found, transfers_found
from ledger.book.records.accounts import Account, AccountId, AccountNo
from ledger.book.records.transfers import Kind, OpenHold, Transfer, TransferTag
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.pages import Bounds, Slice
from ledger.kernel.sql import table
from ledger.kernel.work import Reader
from ledger.tenancy.records import PartnerNo

_ACCOUNTS: Final = table(Account)
_OPEN_HOLDS: Final = table(OpenHold)
_TRANSFER_TAGS: Final = table(TransferTag)
_TRANSFERS: Final = table(Transfer)

_WHOLE: Final[Slice[int]] = Slice()

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
    """The transfers found, in the order of the list.

    `searched_to` is the position at which the search ended early, where the next page begins; None if it did not.
    `as_of_seq` is the position of the snapshot, and `ordinal` the number of the partner's own facts up to it, if they
    were read on the way.
    """

    views: list[TransferView]
    searched_to: int | None = None
    as_of_seq: int | None = None
    ordinal: int = 0


class _Span(NamedTuple):
    """The scope of a search in the journal's own numbers: positions from `first` on and below `below`.

    `last_seq` is the position of the snapshot, and `ordinal` the number of the partner's own facts up to it.
    """

    partner_no: PartnerNo | None
    account_no: AccountNo | None
    first: int
    below: int
    last_seq: int
    ordinal: int


class _Statements(NamedTuple):
    """The statements for the matching transfers of a page and for its extent; built once per set of filters."""

    matching: sa.Select[tuple[object, ...]]
    extent: sa.Select[int, int, int]


def found_transfers(
    reader: Reader,
    book_id: BookId,
    sought: TransferFilter,
    wanted: Slice[int] = _WHOLE,
    *,
    oldest_first: bool = False,
) -> Page:
    """Return a slice of the matching transfers, newest first unless asked otherwise. Raises `InvalidInput`."""
    assert 0 < wanted.limit <= LOOKED_MAX, f"a page of {wanted.limit}"
    bounds = wanted.bounds(is_descending=not oldest_first)
    span = _span(reader, book_id, sought, bounds)
    if span is None:
        return Page([])
    asked = _asked(span, sought)
    statements = _statements(frozenset(asked), sought.hold_status, bounds.is_descending)
    values = {**asked, "first": span.first, "below": span.below, "limit": wanted.limit, "looked": LOOKED_MAX}
    views = wanted.in_order(transfers_found(reader, book_id, statements.matching, values))
    if len(views) == wanted.limit:
        return Page(views, (views[0] if wanted.is_from_end else views[-1]).transfer.seq, span.last_seq, span.ordinal)
    seen = reader.connection.execute(statements.extent, {**values, "book": book_id}).one()
    furthest = seen.lowest if bounds.is_descending else seen.highest
    return Page(views, furthest if seen.size == LOOKED_MAX else None, span.last_seq, span.ordinal)


def _span(reader: Reader, book_id: BookId, sought: TransferFilter, bounds: Bounds[int]) -> _Span | None:
    """Look up the numbers of the filter in one statement. Returns None if the reader can see nothing that matches."""
    partner_id = reader.partner_id or sought.partner_id
    if sought.partner_id not in (None, partner_id):
        return None
    if partner_id is None and (sought.external_ref or sought.counterparty or sought.tag):
        raise InvalidInput("references, counterparties and tags are each partner's own: name the partner")
    # No transfer is effective after it was recorded, so that an effective time bounds the positions from below as well.
    since = max((each for each in (sought.recorded_from, sought.effective_from) if each is not None), default=None)
    keys = {"book": book_id, "partner": partner_id, "account": sought.account_id}
    numbers = reader.connection.execute(_NUMBERS, {**keys, "since": since, "until": sought.recorded_until}).one()
    if (numbers.partner_no is None) != (partner_id is None):
        return None
    if (numbers.account_no is None) != (sought.account_id is None):
        return None
    first = max(numbers.first, 0 if bounds.above is None else bounds.above + 1)
    below = numbers.below if bounds.below is None else min(numbers.below, bounds.below)
    return _Span(numbers.partner_no, numbers.account_no, first, below, numbers.last_seq, numbers.ordinal)


def _asked(span: _Span, sought: TransferFilter) -> dict[str, object]:
    """Return the filter's values by the names of `_COMPARISONS`, without those that do not apply."""
    numbers = {"partner_no": span.partner_no, "account_no": span.account_no}
    said = numbers | {name: getattr(sought, name) for name in _COMPARISONS if name not in numbers}
    return {name: value for name, value in said.items() if value is not None}


@cache
def _statements(asked: frozenset[str], status: HoldStatus | None, is_descending: bool) -> _Statements:  # noqa: FBT001  # a key of the cache
    looked = _looked(asked, status, is_descending=is_descending)
    transfers = _TRANSFERS.c
    narrow = [_compared(name) for name in _COMPARISONS if name in asked]
    narrow += [] if status is None else [_has_status(status)]
    # Scanned positions are matched one by one until there are enough; the offset of zero keeps the planner from joining
    # all of them first.
    one = sa.select(transfers.seq).where(transfers.book_id == _BOOK, transfers.seq == looked.c.seq, *narrow)
    found = one.offset(0).lateral("found")
    order = looked.c.seq.desc() if is_descending else looked.c.seq.asc()
    matching = sa.select(looked.c.seq).join(found, sa.true()).order_by(order)
    extent = sa.select(
        sa.func.count().label("size"),
        sa.func.min(looked.c.seq).label("lowest"),
        sa.func.max(looked.c.seq).label("highest"),
    ).select_from(looked)
    limited = matching.limit(sa.bindparam("limit", type_=sa.BigInteger()))
    return _Statements(at_found(limited, is_descending=is_descending), extent)


def _looked(asked: frozenset[str], status: HoldStatus | None, *, is_descending: bool) -> sa.Subquery:
    """Select the positions that a page scans, from the index of the most selective filter."""
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
    query = sa.select(at).where(source.c.book_id == _BOOK, at >= _FIRST, at < _BELOW, *narrow)
    return query.order_by(at.desc() if is_descending else at.asc()).limit(_LOOKED).subquery("looked")


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
_BELOW: Final = sa.bindparam("below", type_=sa.BigInteger())
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
    SELECT (SELECT last_seq FROM book_heads WHERE book_id = :book) AS last_seq,
           coalesce((
               SELECT ordinal FROM partner_heads WHERE book_id = :book AND partner_id = :partner
               ORDER BY seq DESC LIMIT 1
           ), 0) AS ordinal,
           (SELECT partner_no FROM partners WHERE book_id = :book AND partner_id = :partner) AS partner_no,
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
