"""Rotation of API keys: a successor with the same terms, and an overlap in which both are accepted."""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from ledger.journal import journal
from ledger.kernel.errors import InvalidInput
from ledger.kernel.reasons import require_reason
from ledger.kernel.sql import table
from ledger.kernel.work import Work
from ledger.tenancy.api_keys import new_key
from ledger.tenancy.key_grants import record_grants, store_key
from ledger.tenancy.key_terms import KeyTerms
from ledger.tenancy.records import ApiKey, ApiKeyId

OVERLAP: Final = timedelta(days=7)
"""The time for which a key is accepted beside its successor, unless it is stated."""

_API_KEYS: Final = table(ApiKey)


def rotate(  # noqa: PLR0913  # the key, and the terms of both
    work: Work,
    api_key_id: ApiKeyId,
    *,
    pepper: bytes,
    overlap: timedelta = OVERLAP,
    expires_at: datetime | None = None,
    reason: str = "regular rotation",
) -> str | None:
    """Issue the successor of a key and return its text, or None if no working key has this id.

    The old key ends after `overlap`, or earlier if it expires. Raises `InvalidInput` for a negative overlap, an expiry
    that has passed, or no reason.
    """
    require_reason(reason)
    if overlap < timedelta(0):
        raise InvalidInput("the overlap is negative; 0 ends the old key at once")
    book_id = work.connection.execute(_BOOK, {"key": api_key_id}).scalar_one_or_none()
    if book_id is None:
        return None
    batch = journal.open_batch(work, book_id)
    ended = _ended(work, api_key_id, work.now, overlap)  # keys end in real time, also those of a sandbox
    if ended is None:
        return None
    terms = KeyTerms.of(ended, expires_at=expires_at)
    terms.check(work.now)
    successor, text = new_key(batch, ended.partner_id, terms, pepper=pepper, replaces=ended.api_key_id)
    store_key(work, successor)
    record_grants(work, batch, [ended, successor], reason=reason)
    return text


def _ended(work: Work, api_key_id: ApiKeyId, now: datetime, overlap: timedelta) -> ApiKey | None:
    row = work.connection.execute(_END, {"key": api_key_id, "now": now, "ends": now + overlap}).one_or_none()
    return None if row is None else ApiKey(**row._asdict())


_WANTED: Final = _API_KEYS.c.api_key_id == sa.bindparam("key", type_=_API_KEYS.c.api_key_id.type)
_NOW: Final = sa.bindparam("now", type_=_API_KEYS.c.expires_at.type)
_ENDS: Final = sa.bindparam("ends", type_=_API_KEYS.c.expires_at.type)
_BOOK: Final = sa.select(_API_KEYS.c.book_id).where(_WANTED)
_END: Final = (
    _API_KEYS.update()
    .where(_WANTED, _API_KEYS.c.revoked_at.is_(None), (_API_KEYS.c.expires_at > _NOW).is_not(sa.false()))
    .values(expires_at=sa.func.least(_API_KEYS.c.expires_at, _ENDS))
    .returning(_API_KEYS)
)
