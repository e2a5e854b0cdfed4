"""Reads vault tokens without their values: by id, and page by page of a partner, a customer or a fingerprint."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.kernel.ids import BookId
from ledger.kernel.pages import Slice, position_bounds
from ledger.kernel.work import Reader
from ledger.tenancy.records import CustomerId
from ledger.vault_tokens.records import EndingCause, FingerprintId, TokenKind, VaultTokenId
from ledger.vault_tokens.tokens import ENDINGS, TOKENS

_WHOLE: Final[Slice[int]] = Slice()


class TokenView(NamedTuple):
    """A token without its value; `ended_at` and `cause` are None while it stands."""

    token_id: VaultTokenId
    seq: int
    recorded_at: datetime
    customer_id: CustomerId | None
    kind: TokenKind
    fingerprint_id: FingerprintId
    last_four: str
    expires_at: datetime | None
    ended_at: datetime | None
    cause: EndingCause | None


def tokens(reader: Reader, book_id: BookId, token_ids: Sequence[VaultTokenId]) -> dict[VaultTokenId, TokenView]:
    """Return those of the tokens that are in the reader's scope, in one statement."""
    query = _scoped(reader, book_id).where(TOKENS.c.token_id.in_(token_ids))
    return {row.token_id: _view(row) for row in reader.connection.execute(query)}


def token_at(reader: Reader, book_id: BookId, position: int) -> TokenView:
    """Return the token that was recorded, or ended, at a position."""
    query = _scoped(reader, book_id).where((TOKENS.c.seq == position) | (ENDINGS.c.seq == position))
    return _view(reader.connection.execute(query).one())


def tokens_page(
    reader: Reader,
    book_id: BookId,
    wanted: Slice[int] = _WHOLE,
    *,
    customer_id: CustomerId | None = None,
    fingerprint_id: FingerprintId | None = None,
) -> list[TokenView]:
    """Return a slice of the tokens in the reader's scope by position: all, or those of a customer or fingerprint."""
    span = wanted.bounds(is_descending=False)
    bounds = position_bounds(span)
    query = _scoped(reader, book_id).where(TOKENS.c.seq > bounds["above"], TOKENS.c.seq < bounds["below"])
    if customer_id is not None:
        query = query.where(TOKENS.c.customer_id == customer_id)
    if fingerprint_id is not None:
        query = query.where(TOKENS.c.fingerprint_id == fingerprint_id)
    order = TOKENS.c.seq.desc() if span.is_descending else TOKENS.c.seq
    rows = reader.connection.execute(query.order_by(order).limit(span.limit))
    return wanted.in_order([_view(row) for row in rows])


def _scoped(reader: Reader, book_id: BookId) -> sa.Select[tuple[object, ...]]:
    query = _VIEWS.where(TOKENS.c.book_id == book_id)
    return query if reader.partner_id is None else query.where(TOKENS.c.partner_id == reader.partner_id)


def _view(row: sa.Row[tuple[object, ...]]) -> TokenView:
    view = TokenView._make(row)
    cause = None if view.cause is None else EndingCause(view.cause)
    return view._replace(kind=TokenKind(view.kind), cause=cause)


_VIEWS: Final[sa.Select[tuple[object, ...]]] = sa.select(
    TOKENS.c.token_id,
    TOKENS.c.seq,
    TOKENS.c.recorded_at,
    TOKENS.c.customer_id,
    TOKENS.c.kind,
    TOKENS.c.fingerprint_id,
    TOKENS.c.last_four,
    TOKENS.c.expires_at,
    ENDINGS.c.recorded_at.label("ended_at"),
    ENDINGS.c.cause,
).outerjoin(ENDINGS, (ENDINGS.c.book_id == TOKENS.c.book_id) & (ENDINGS.c.token_id == TOKENS.c.token_id))
