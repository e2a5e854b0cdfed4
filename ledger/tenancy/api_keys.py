"""API keys: 256 random bits, of which the ledger stores only a keyed hash.

A password hash would cost 100,000 times more and add nothing to a random secret.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from ledger.journal import journal
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId, PartnerId, new_id
from ledger.kernel.reasons import require_reason
from ledger.kernel.sql import table
from ledger.kernel.work import Work
from ledger.tenancy.key_grants import record_grants, store_key
from ledger.tenancy.key_terms import KeyTerms, Networks, contain, networks
from ledger.tenancy.key_texts import ParsedKey, new_secret, parsed_key
from ledger.tenancy.records import ApiKey, ApiKeyId, Book

_API_KEYS: Final = table(ApiKey)
_BOOKS: Final = table(Book)


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller: a partner of a book, with its scopes, until its key expires, from the addresses of its key.

    `is_test`: it is a test key, and its book a sandbox.
    """

    book_id: BookId
    partner_id: PartnerId
    api_key_id: ApiKeyId
    scopes: frozenset[str]
    key_hash: bytes = field(repr=False)
    expires_at: datetime | None = None
    networks: Networks = ()
    is_test: bool = False

    def is_admitted(self, address: str) -> bool:
        """Return whether the key is accepted from an address."""
        return contain(self.networks, address)


def issue(  # noqa: PLR0913  # what a grant says
    work: Work,
    book_id: BookId,
    partner_id: PartnerId,
    *,
    pepper: bytes,
    scopes: str = "read write",
    label: str | None = None,
    expires_at: datetime | None = None,
    addresses: str | None = None,
    reason: str = "for the partner's application",
) -> str:
    """Grant a partner a new key; its text is returned only once, and cannot be recovered.

    `scopes` are words of `SCOPES` separated by blanks; a key without any authenticates, and may do nothing. `addresses`
    are networks separated by blanks. The key of a sandbox is a test key. Raises `InvalidInput` for other words, an
    expiry that has passed, or no reason.
    """
    require_reason(reason)
    terms = KeyTerms(scopes, label, expires_at, networks(addresses))
    terms.check(work.now)
    batch = journal.open_batch(work, book_id)
    key, text = new_key(batch, partner_id, terms, pepper=pepper)
    store_key(work, key)
    record_grants(work, batch, [key], reason=reason)
    return text


def new_key(
    batch: journal.OpenBatch,
    partner_id: PartnerId,
    terms: KeyTerms,
    *,
    pepper: bytes,
    replaces: ApiKeyId | None = None,
) -> tuple[ApiKey, str]:
    """Return a new key of a partner on these terms, and its text."""
    made = ParsedKey(ApiKeyId(new_id()), new_secret(), is_test=batch.head.is_sandbox)
    key = ApiKey(
        book_id=batch.book_id,
        api_key_id=made.key_id,
        partner_id=partner_id,
        key_hash=made.key_hash(pepper),
        scopes=terms.scopes,
        created_at=batch.recorded_at,
        revoked_at=None,
        label=terms.label,
        expires_at=terms.expires_at,
        addresses=terms.addresses,
        replaces_id=replaces,
    )
    return key, made.text


def authenticate(connection: sa.Connection, text: str, *, pepper: bytes) -> Principal | None:
    """Return the principal of a key, or None if the key is malformed, unknown, wrong, expired or revoked.

    The statement that checks a key also restricts the rest of the transaction to the key's partner, so that row-level
    security costs a request no further round trip.
    """
    parsed = parsed_key(text)
    return None if parsed is None else _scoped(connection, parsed, parsed.key_hash(pepper))


def scoped_to_key(query: str) -> str:
    """Return the SQL that restricts the rest of a transaction to a key's partner, and then reads by a query.

    The key is given by `caller_key` and `caller_hash`. If it is not valid any more, there is no row, and nothing can
    be seen; if the query has none, the row has only nulls, in `caller_found` as well. The subquery refers to the caller
    and cannot be flattened, so that it runs after the narrowing whatever the planner prefers.
    """
    return f"""
        WITH caller AS MATERIALIZED (SELECT * FROM narrow_to_key(:caller_key, :caller_hash))
        SELECT found.* FROM caller LEFT JOIN LATERAL (
            SELECT true AS caller_found, own.* FROM ({query}) own WHERE caller.partner_id IS NOT NULL OFFSET 0
        ) found ON true
    """  # noqa: S608  # a query of ours


def principal_of(connection: sa.Connection, api_key_id: ApiKeyId) -> Principal | None:
    """Return the principal of a key's id, or None if the key was revoked or has expired; narrows nothing."""
    row = connection.execute(_WORKING, {"key": api_key_id}).one_or_none()
    return None if row is None else _principal(row, api_key_id, row.key_hash, is_test=row.is_test)


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
    record_grants(work, batch, [ApiKey(**row._asdict())], reason=reason)
    return True


def key_id_of(text: str) -> ApiKeyId:
    """Return the id in a key's text. Raises `InvalidInput`, which does not repeat the text."""
    parsed = parsed_key(text)
    if parsed is None:
        raise InvalidInput("this is not an API key; keys look like cdk_018f…_… with 32 hex digits and a secret")
    return parsed.key_id


def _scoped(connection: sa.Connection, parsed: ParsedKey, key_hash: bytes) -> Principal | None:
    key = connection.execute(_NARROWING, {"key": parsed.key_id, "hash": key_hash}).one_or_none()
    return None if key is None else _principal(key, parsed.key_id, key_hash, is_test=parsed.is_test)


def _principal(key: sa.Row[Any], key_id: ApiKeyId, key_hash: bytes, *, is_test: bool) -> Principal:
    scopes, allowed = frozenset(key.scopes.split()), networks(key.addresses)
    return Principal(key.book_id, key.partner_id, key_id, scopes, key_hash, key.expires_at, allowed, is_test)


_NARROWING: Final = sa.text("SELECT book_id, partner_id, scopes, expires_at, addresses FROM narrow_to_key(:key, :hash)")
_IS_TEST: Final = sa.exists().where(_BOOKS.c.book_id == _API_KEYS.c.book_id, _BOOKS.c.live_partner_id.is_not(None))
_WORKING: Final = sa.select(_API_KEYS, _IS_TEST.label("is_test")).where(
    _API_KEYS.c.api_key_id == sa.bindparam("key", type_=_API_KEYS.c.api_key_id.type),
    _API_KEYS.c.revoked_at.is_(None),
    (_API_KEYS.c.expires_at > sa.func.now()).is_not(sa.false()),
)
