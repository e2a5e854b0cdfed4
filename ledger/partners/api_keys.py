"""API keys: 256 random bits, of which the ledger keeps only a keyed hash.

A key's text is `cdk_<id>_<secret>`. A password hash would cost 100,000 times more and add nothing to a random secret.
"""

import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import ApiKeyId, BookId, PartnerId, new_id
from ledger.kernel.work import Work
from ledger.partners.tables import API_KEYS

SCOPES: Final = frozenset({"read", "write"})
"""All that a key may be allowed to do."""

_TEXT: Final = re.compile(r"cdk_([0-9a-f]{32})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: a partner of a book, with what it may do."""

    book_id: BookId
    partner_id: PartnerId
    api_key_id: ApiKeyId
    scopes: frozenset[str]


def issue(work: Work, book_id: BookId, partner_id: PartnerId, *, pepper: bytes, scopes: str = "read write") -> str:
    """Make a key for a partner; the text is shown this once and cannot be had again.

    `scopes` are words of `SCOPES` with blanks between; a key without any is known, and may do nothing.
    Raises `InvalidInput` for other words.
    """
    if not set(scopes.split()) <= SCOPES:
        raise InvalidInput(f"{scopes!r} is no list of scopes; they are: {', '.join(sorted(SCOPES))}")
    key_id, secret = new_id(), secrets.token_urlsafe(32)
    work.connection.execute(
        API_KEYS.insert().values(
            book_id=book_id,
            api_key_id=key_id,
            partner_id=partner_id,
            key_hash=_hash(secret, pepper),
            scopes=scopes,
            created_at=work.now,
        )
    )
    return f"cdk_{key_id.hex}_{secret}"


def authenticate(connection: sa.Connection, text: str, *, pepper: bytes) -> Principal | None:
    """The principal that a key speaks for; None for a key that is malformed, unknown, wrong or revoked.

    The statement that reads a key also narrows the rest of the transaction to the key's partner, so that a request is
    behind the second wall without a round trip more.
    """
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    key = connection.execute(_NARROWING, {"key": UUID(match[1])}).one_or_none()
    if key is None or key.revoked_at is not None or not hmac.compare_digest(key.key_hash, _hash(match[2], pepper)):
        return None
    return Principal(key.book_id, key.partner_id, key.api_key_id, frozenset(key.scopes.split()))


def revoke(work: Work, api_key_id: ApiKeyId) -> bool:
    """Refuse a key from now on; whether it worked until now."""
    working = sa.and_(API_KEYS.c.api_key_id == api_key_id, API_KEYS.c.revoked_at.is_(None))
    return work.connection.execute(API_KEYS.update().where(working).values(revoked_at=work.now)).rowcount > 0


def key_id_of(text: str) -> ApiKeyId:
    """The id that a key's text contains. Raises `InvalidInput`, which does not repeat the text."""
    match = _TEXT.fullmatch(text)
    if match is None:
        raise InvalidInput("this is no API key; they look like cdk_018f…_… with 32 hex digits and a secret")
    return ApiKeyId(UUID(match[1]))


def _hash(secret: str, pepper: bytes) -> bytes:
    return hmac.digest(pepper, secret.encode(), "sha256")


_NARROWING: Final = sa.select(API_KEYS, sa.func.narrow_to_partner(API_KEYS.c.partner_id)).where(
    API_KEYS.c.api_key_id == sa.bindparam("key", type_=API_KEYS.c.api_key_id.type)
)
