"""The listing of a partner's API keys with their states, for operators; never with anything of their secrets."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.sql import table
from ledger.tenancy.records import ApiKey, ApiKeyId

_API_KEYS: Final = table(ApiKey)


class KeyState(StrEnum):
    """The state of a key at an instant."""

    ACTIVE = "active"
    ENDING = "ending"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key without the hash of its secret, and its state."""

    key: ApiKey
    state: KeyState


def partner_keys(connection: sa.Connection, book_id: BookId, partner_id: PartnerId, now: datetime) -> list[ListedKey]:
    """List the keys of a partner, in the order in which they were issued."""
    wanted = (_API_KEYS.c.book_id == book_id, _API_KEYS.c.partner_id == partner_id)
    query = sa.select(*_SHOWN).where(*wanted).order_by(_API_KEYS.c.created_at, _API_KEYS.c.api_key_id)
    keys = [ApiKey(**row._asdict(), key_hash=b"") for row in connection.execute(query)]
    replaced = {key.replaces_id for key in keys}
    return [ListedKey(key, _state(key, now, is_replaced=key.api_key_id in replaced)) for key in keys]


def key_book_id(connection: sa.Connection, api_key_id: ApiKeyId) -> BookId | None:
    """Return the book of a key; None if there is no such key."""
    query = sa.select(_API_KEYS.c.book_id).where(_API_KEYS.c.api_key_id == api_key_id)
    return connection.execute(query).scalar_one_or_none()


def _state(key: ApiKey, now: datetime, *, is_replaced: bool) -> KeyState:
    if key.revoked_at is not None:
        return KeyState.REVOKED
    if key.expires_at is not None and key.expires_at <= now:
        return KeyState.EXPIRED
    return KeyState.ENDING if is_replaced else KeyState.ACTIVE


_SHOWN: Final = [column for column in _API_KEYS.c if column.name != "key_hash"]
"""Its columns without the hash, which no operator's reader may read."""
