"""API keys: 256 random bits, of which the ledger stores only a keyed hash.

A key's text is `cdk_<id>_<secret>`. A password hash would cost 100,000 times more and add nothing to a random secret.
"""

import hmac
import re
import secrets
from dataclasses import asdict, dataclass, field
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from ledger.journal import journal
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId, PartnerId, new_id
from ledger.kernel.reasons import require_reason
from ledger.kernel.sql import table
from ledger.kernel.work import Work
from ledger.tenancy.records import ApiKey, ApiKeyGrant, ApiKeyId

_API_KEYS: Final = table(ApiKey)

SCOPES: Final = frozenset({"read", "write"})
"""All scopes that a key may have."""

_TEXT: Final = re.compile(r"cdk_([0-9a-f]{32})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller: a partner of a book, with its scopes."""

    book_id: BookId
    partner_id: PartnerId
    api_key_id: ApiKeyId
    scopes: frozenset[str]
    key_hash: bytes = field(repr=False)


def issue(  # noqa: PLR0913  # what a grant says
    work: Work,
    book_id: BookId,
    partner_id: PartnerId,
    *,
    pepper: bytes,
    scopes: str = "read write",
    reason: str = "for the partner's application",
) -> str:
    """Grant a partner a new key; its text is returned only once, and cannot be recovered.

    `scopes` are words of `SCOPES` separated by blanks; a key without any authenticates, and may do nothing. Raises
    `InvalidInput` for other words, and without a reason.
    """
    if not set(scopes.split()) <= SCOPES:
        raise InvalidInput(f"{scopes!r} is not a list of scopes; they are: {', '.join(sorted(SCOPES))}")
    require_reason(reason)
    batch = journal.open_batch(work, book_id)
    key_id, secret = ApiKeyId(new_id()), secrets.token_urlsafe(32)
    key = ApiKey(
        book_id=book_id,
        api_key_id=key_id,
        partner_id=partner_id,
        key_hash=_hash(secret, pepper),
        scopes=scopes,
        created_at=batch.recorded_at,
        revoked_at=None,
    )
    work.connection.execute(_API_KEYS.insert().values(asdict(key)))
    journal.seal(work, batch, [granted(key, actor=work.actor, reason=reason)])
    return f"cdk_{key_id.hex}_{secret}"


def authenticate(connection: sa.Connection, text: str, *, pepper: bytes) -> Principal | None:
    """Return the principal of a key, or None if the key is malformed, unknown, wrong or revoked.

    The statement that checks a key also restricts the rest of the transaction to the key's partner, so that row-level
    security costs a request no further round trip.
    """
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    return _scoped(connection, ApiKeyId(UUID(match[1])), _hash(match[2], pepper))


def scope_again(connection: sa.Connection, principal: Principal) -> bool:
    """Restrict a new transaction to the principal's partner; if its key is not valid any more, it sees nothing.

    Returns whether the key is still valid.
    """
    return _scoped(connection, principal.api_key_id, principal.key_hash) is not None


def revoke(work: Work, api_key_id: ApiKeyId, *, reason: str = "no longer in use") -> bool:
    """Revoke a key, and return whether it was valid until now. Raises `InvalidInput` without a reason."""
    require_reason(reason)
    wanted = _API_KEYS.c.api_key_id == api_key_id
    book_id = work.connection.execute(sa.select(_API_KEYS.c.book_id).where(wanted)).scalar_one_or_none()
    if book_id is None:
        return False
    batch = journal.open_batch(work, book_id)
    change = _API_KEYS.update().where(wanted, _API_KEYS.c.revoked_at.is_(None)).values(revoked_at=batch.recorded_at)
    row = work.connection.execute(change.returning(_API_KEYS)).one_or_none()
    if row is None:
        return False
    journal.seal(work, batch, [granted(ApiKey(**row._asdict()), actor=work.actor, reason=reason)])
    return True


def granted(key: ApiKey, *, actor: str, reason: str) -> journal.Draft:
    """Draft the fact that states a key as it is from here on."""
    return journal.draft(
        ApiKeyGrant,
        api_key_id=key.api_key_id,
        partner_id=key.partner_id,
        key_hash=key.key_hash,
        scopes=key.scopes,
        issued_at=key.created_at,
        actor=actor,
        reason=reason,
        revoked_at=key.revoked_at,
    )


def key_id_of(text: str) -> ApiKeyId:
    """Return the id in a key's text. Raises `InvalidInput`, which does not repeat the text."""
    match = _TEXT.fullmatch(text)
    if match is None:
        raise InvalidInput("this is not an API key; keys look like cdk_018f…_… with 32 hex digits and a secret")
    return ApiKeyId(UUID(match[1]))


def _scoped(connection: sa.Connection, key_id: ApiKeyId, key_hash: bytes) -> Principal | None:
    key = connection.execute(_NARROWING, {"key": key_id, "hash": key_hash}).one_or_none()
    if key is None:
        return None
    return Principal(key.book_id, key.partner_id, key_id, frozenset(key.scopes.split()), key_hash)


def _hash(secret: str, pepper: bytes) -> bytes:
    return hmac.digest(pepper, secret.encode(), "sha256")


_NARROWING: Final = sa.text("SELECT book_id, partner_id, scopes FROM narrow_to_key(:key, :hash)")
