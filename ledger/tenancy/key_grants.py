"""Grants of API keys: every change of a key is a fact, and a notification that its rights are no longer what they were.

The notification is sent inside the transaction, so that it is sent if and only if the change is durable. PostgreSQL
serialises the commits of transactions that notify; changes of keys are rare enough.
"""

from dataclasses import asdict
from typing import Final

import sqlalchemy as sa

from ledger.journal import journal
from ledger.kernel.sql import table
from ledger.kernel.work import Work
from ledger.tenancy.records import ApiKey, ApiKeyGrant

CHANNEL: Final = "cofferdam_api_keys"
"""The channel on which the id of a key is sent when it was issued, changed or revoked."""

_API_KEYS: Final = table(ApiKey)
_NOTIFY: Final = sa.text("SELECT pg_notify(:channel, :key)")


def store_key(work: Work, key: ApiKey) -> None:
    """Store a key that is new; `record_grants` states it."""
    work.connection.execute(_API_KEYS.insert().values(asdict(key)))


def record_grants(work: Work, batch: journal.OpenBatch, keys: list[ApiKey], *, reason: str) -> None:
    """Record the keys as they are from here on, and notify those who remember them."""
    journal.seal(work, batch, [granted(key, actor=work.actor, reason=reason) for key in keys])
    for key in keys:
        work.connection.execute(_NOTIFY, {"channel": CHANNEL, "key": str(key.api_key_id)})


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
        label=key.label,
        expires_at=key.expires_at,
        addresses=key.addresses,
        replaces_id=key.replaces_id,
    )
