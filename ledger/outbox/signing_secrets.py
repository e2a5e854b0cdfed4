"""Signing secrets of endpoints: sealed in the vault, each under a key of its own, and opened to sign."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from ledger.kernel.ids import BookId, PartnerId
from ledger.outbox.records import Endpoint
from ledger.vault.sealing import PersonalValue
from ledger.vault.vault import Vault

_COLUMN: Final = "endpoints.secret"
"""The column that sealed texts are bound to; the previous secret keeps the text that it had as the present one."""


def seal_secret(vault: Vault, book_id: BookId, partner_id: PartnerId, secret: str) -> str:
    """Return a signing secret as sealed text, durably."""
    (text,) = vault.seal(book_id, [PersonalValue(partner_id, _COLUMN, secret)])
    return text


def open_secrets(vault: Vault, book_id: BookId, endpoints: Sequence[Endpoint], now: datetime) -> dict[str, str]:
    """Return the secrets in use at an instant in clear, by their sealed texts."""
    sealed = {text: each.partner_id for each in endpoints for text in secrets_in_use(each, now)}
    values = [PersonalValue(partner_id, _COLUMN, text) for text, partner_id in sealed.items()]
    opened = vault.open_sealed(book_id, values) if values else []
    return {text: secret for text, secret in zip(sealed, opened, strict=True) if secret is not None}


def secrets_in_use(to: Endpoint, now: datetime) -> list[str]:
    """Return the sealed secrets that sign at an instant, the newest first."""
    until = to.previous_secret_until_at
    previous = to.previous_secret if until is not None and now < until else None
    return [text for text in (to.secret, previous) if text is not None]
