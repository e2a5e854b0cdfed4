"""Search: transfers by what they say, the newest first, page by page, in bounded work whatever is asked for.

A page looks along one index, that of the narrowest thing asked for, and at `LOOKED_MAX` transfers at most. So a page
may hold few transfers, or none, and still not be the last one: its `searched_to` says where to go on.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import eq, ge, le, lt
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from ledger.book.entries import ENTRIES
from ledger.book.tables import ACCOUNTS, OPEN_HOLDS, TRANSFER_TAGS, TRANSFERS
from ledger.book.transfers import TransferView, ended_by, transfers_of_book, views_of
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import AccountId, AccountNo, BookId, PartnerId, PartnerNo
from ledger.kernel.work import Reader
from ledger.records.transfers import Kind

LOOKED_MAX: Final = 50_000
"""How many transfers one page looks at."""


class HoldStatus(StrEnum):
    """Whether a hold stands, or what ended it."""

    OPEN = "open"
    POSTED = "posted"
    VOIDED = "voided"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class TransferFilter:
    """What a transfer must be to be found; what is None does not matter.

    Instants are from inclusive, until exclusive; amounts are inclusive, in minor units. `hold_status` finds holds only.
    A reader who sees every partner names the partner where a reference, a counterparty or a tag is asked for.
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
    """What was found, the newest first; the next page is `before=searched_to`, and None says that nothing is left."""

    views: list[TransferView]
    searched_to: int | None


class _Span(NamedTuple):
    """What is asked for in the journal's own numbers: positions from `first` on and below `before`."""

    book_id: BookId
    partner_no: PartnerNo | None
    account_no: AccountNo | None
    first: int
    before: int


def found_transfers(
    reader: Reader, book_id: BookId, wanted: TransferFilter, *, before: int | None = None, limit: int = 20
) -> Page:
    """One page of up to `limit` transfers at positions below `before`. Raises `InvalidInput`."""
    assert 0 < limit <= LOOKED_MAX, f"a page of {limit}"
    span = _span(reader, book_id, wanted, before)
    if span is None:
        return Page([], None)
    looked = _looked(span, wanted)
    matching = reader.connection.execute(_matching(span, wanted, looked).limit(limit))
    positions: list[int] = [row.seq for row in matching]
    query = transfers_of_book(book_id).where(TRANSFERS.c.seq.in_(positions)).order_by(TRANSFERS.c.seq.desc())
    views = views_of(reader, query) if positions else []
    if len(positions) == limit:
        return Page(views, positions[-1])
    extent = sa.select(sa.func.count().label("size"), sa.func.min(looked.c.seq).label("last")).select_from(looked)
    seen = reader.connection.execute(extent).one()
    return Page(views, seen.last if seen.size == LOOKED_MAX else None)


def _span(reader: Reader, book_id: BookId, wanted: TransferFilter, before: int | None) -> _Span | None:
    """The numbers of what is asked for, in one statement; None where it is nothing that the reader can see."""
    partner_id = reader.partner_id or wanted.partner_id
    if wanted.partner_id not in (None, partner_id):
        return None
    if partner_id is None and (wanted.external_ref or wanted.counterparty or wanted.tag):
        raise InvalidInput("references, counterparties and tags are each partner's own: name the partner")
    # Nothing counts from later than it was recorded, so that an effective time bounds the positions from below as well.
    since = max((each for each in (wanted.recorded_from, wanted.effective_from) if each is not None), default=None)
    keys = {"book": book_id, "partner": partner_id, "account": wanted.account_id}
    numbers = reader.connection.execute(_NUMBERS, {**keys, "since": since, "until": wanted.recorded_until}).one()
    if (numbers.partner_no is None) != (partner_id is None):
        return None
    if (numbers.account_no is None) != (wanted.account_id is None):
        return None
    end = numbers.below if before is None else min(numbers.below, before)
    return _Span(book_id, numbers.partner_no, numbers.account_no, numbers.first, end)


def _looked(span: _Span, wanted: TransferFilter) -> sa.Subquery:
    """The positions that a page looks at, the newest first, from one index."""
    source: sa.FromClause = TRANSFERS
    narrow: list[sa.ColumnElement[bool]] = []
    if wanted.external_ref is not None:
        narrow = [TRANSFERS.c.external_ref == wanted.external_ref, TRANSFERS.c.partner_no == span.partner_no]
    elif wanted.counterparty is not None:
        narrow = [TRANSFERS.c.counterparty == wanted.counterparty, TRANSFERS.c.partner_no == span.partner_no]
    elif wanted.tag is not None:
        source = TRANSFER_TAGS
        narrow = [TRANSFER_TAGS.c.tag == wanted.tag, TRANSFER_TAGS.c.partner_no == span.partner_no]
    elif span.account_no is not None:
        source, narrow = ENTRIES, [ENTRIES.c.account_no == span.account_no]
    elif wanted.hold_status is HoldStatus.OPEN:
        source = OPEN_HOLDS
    elif span.partner_no is not None:
        narrow = [TRANSFERS.c.partner_no == span.partner_no]
    at = source.c.seq
    query = sa.select(at).where(source.c.book_id == span.book_id, at >= span.first, at < span.before, *narrow)
    return query.order_by(at.desc()).limit(LOOKED_MAX).subquery("looked")


def _matching(span: _Span, wanted: TransferFilter, looked: sa.Subquery) -> sa.Select[tuple[int]]:
    """Those of the looked-at positions whose transfer is wanted, one after the other until there are enough.

    The offset of zero keeps the planner from joining everything first.
    """
    table = TRANSFERS.c
    one = sa.select(table.seq).where(table.book_id == span.book_id, table.seq == looked.c.seq, *_asked(span, wanted))
    found = one.offset(0).lateral("found")
    return sa.select(looked.c.seq).join(found, sa.true()).order_by(looked.c.seq.desc())


def _asked(span: _Span, wanted: TransferFilter) -> list[sa.ColumnElement[bool]]:
    table = TRANSFERS.c
    sides = postgresql.array([table.debit_account_no, table.credit_account_no])
    words = sa.func.string_to_array(table.tags, " ", type_=sa.ARRAY(sa.Text()))
    comparisons = (
        (table.partner_no, eq, span.partner_no),
        (sa.any_(sides), eq, span.account_no),
        (table.code, eq, wanted.code),
        (table.kind, eq, wanted.kind),
        (table.currency, eq, wanted.currency),
        (table.amount_minor, ge, wanted.amount_at_least_minor),
        (table.amount_minor, le, wanted.amount_at_most_minor),
        (table.effective_at, ge, wanted.effective_from),
        (table.effective_at, lt, wanted.effective_until),
        (table.external_ref, eq, wanted.external_ref),
        (table.counterparty, eq, wanted.counterparty),
        (sa.any_(words), eq, wanted.tag),
    )
    asked = [compared(column, value) for column, compared, value in comparisons if value is not None]
    return asked if wanted.hold_status is None else [*asked, _has_status(wanted.hold_status)]


def _has_status(status: HoldStatus) -> sa.ColumnElement[bool]:
    kind = _ENDED_BY[status]
    return sa.and_(TRANSFERS.c.kind == Kind.HOLD, ended_by().is_(None) if kind is None else ended_by() == kind)


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
    sa.bindparam("partner", type_=ACCOUNTS.c.partner_id.type),
    sa.bindparam("account", type_=ACCOUNTS.c.account_id.type),
    sa.bindparam("since", type_=_INSTANT),
    sa.bindparam("until", type_=_INSTANT),
)
