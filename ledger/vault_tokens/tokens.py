"""Vault tokens: a secret value is sealed under a key of its own, and a random id stands for it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from ledger.journal import journal
from ledger.kernel.errors import InvalidInput, NotFound, Unavailable
from ledger.kernel.ids import BookId, PartnerId, new_id
from ledger.kernel.rows import as_record
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.public_ids import public
from ledger.tenancy.records import CustomerId
from ledger.vault.records import SubjectId
from ledger.vault.sealing import PersonalValue
from ledger.vault.vault import Vault
from ledger.vault_tokens.records import FingerprintId, VaultToken, VaultTokenEnding, VaultTokenId
from ledger.vault_tokens.validation import SecretValue

TOKENS: Final = table(VaultToken)
ENDINGS: Final = table(VaultTokenEnding)

_COLUMN: Final = "vault_tokens.value"
"""The column, which sealed text is bound to."""


class TokenOrder(NamedTuple):
    """An order for a token of a value, with the fingerprint of the value."""

    partner_id: PartnerId
    value: SecretValue
    fingerprint_id: FingerprintId
    customer_id: CustomerId | None = None
    expires_at: datetime | None = None


def tokenize(work: Work, vault: Vault, book_id: BookId, order: TokenOrder) -> int:
    """Seal a value, record the token that stands for it, and return the position.

    The key of the value is durable first, and unused if the unit of work fails. Raises `InvalidInput` for an expiry
    that has passed, and `Unavailable` if the last token of an equal value is just ending.
    """
    now = journal.head(work.connection, book_id).by_clock(work.now)
    if order.expires_at is not None and order.expires_at <= now:
        raise InvalidInput("the token would expire at an instant that has passed; choose a later one")
    token_id = VaultTokenId(new_id())
    (text,) = vault.seal(book_id, [_value(order.partner_id, token_id, order.value.text)])
    batch = journal.open_batch(work, book_id)
    _require_lasting(work, vault, book_id, order.fingerprint_id)
    fact = journal.draft(
        VaultToken,
        token_id=token_id,
        partner_id=order.partner_id,
        customer_id=order.customer_id,
        kind=order.value.kind,
        value=text,
        fingerprint_id=order.fingerprint_id,
        last_four=order.value.last_four,
        expires_at=order.expires_at,
        actor=work.actor,
    )
    return journal.seal(work, batch, [fact]).last_seq


def owned_token(work: Work, book_id: BookId, token_id: VaultTokenId) -> VaultToken:
    """Return a token in scope with its sealed value, whether it has ended or not. Raises `NotFound`."""
    query = sa.select(TOKENS).where(TOKENS.c.book_id == book_id, TOKENS.c.token_id == token_id)
    row = work.connection.execute(query).one_or_none()
    if row is None or work.partner_id not in (None, row.partner_id):
        raise NotFound(f"there is no vault token {public('vault_token', token_id)}")
    return as_record(VaultToken, row)


def opened_value(vault: Vault, token: VaultToken) -> str | None:
    """Open the value of a token; None if its key is destroyed. Call it only once the reveal is committed."""
    (text,) = vault.open_sealed(token.book_id, [_value(token.partner_id, token.token_id, token.value)])
    return text


def standing_values(reader: Reader, book_id: BookId) -> Sequence[PersonalValue]:
    """Return the sealed values of all tokens that have not ended."""
    rows = reader.connection.execute(_STANDING, {"book": book_id})
    return [_value(row.partner_id, row.token_id, row.value) for row in rows]


def ended_ids(scope: Reader | Work, book_id: BookId, token_ids: Collection[VaultTokenId]) -> set[VaultTokenId]:
    """Return those of the tokens that have ended."""
    query = sa.select(ENDINGS.c.token_id).where(ENDINGS.c.book_id == book_id, ENDINGS.c.token_id.in_(token_ids))
    return set(scope.connection.execute(query).scalars())


def _value(partner_id: PartnerId, token_id: VaultTokenId, text: str) -> PersonalValue:
    return PersonalValue(partner_id, _COLUMN, text, SubjectId(token_id))


def _require_lasting(work: Work, vault: Vault, book_id: BookId, fingerprint_id: FingerprintId) -> None:
    """Require that a fingerprint is new, or that a token of it has not ended; both stand until the head is unlocked.

    With its last token a fingerprint is destroyed. Where a process was ended before it did so, this one does.
    """
    asked: dict[str, Any] = {"book": book_id, "fingerprint": fingerprint_id}
    if work.connection.execute(_IS_DOOMED, asked).scalar_one():
        vault.forget(book_id, [SubjectId(fingerprint_id)])
        raise Unavailable("the last token of this value has ended just now; send the same request again")


_STANDING: Final = (
    sa.select(TOKENS.c.partner_id, TOKENS.c.token_id, TOKENS.c.value)
    .outerjoin(ENDINGS, (ENDINGS.c.book_id == TOKENS.c.book_id) & (ENDINGS.c.token_id == TOKENS.c.token_id))
    .where(TOKENS.c.book_id == sa.bindparam("book", type_=sa.Integer()), ENDINGS.c.seq.is_(None))
    .order_by(TOKENS.c.seq)
)
_IS_DOOMED: Final = sa.text("""
    SELECT count(*) > 0 AND count(*) = count(e.seq) FROM vault_tokens t
    LEFT JOIN vault_token_endings e ON e.book_id = t.book_id AND e.token_id = t.token_id
    WHERE t.book_id = :book AND t.fingerprint_id = :fingerprint
""")
