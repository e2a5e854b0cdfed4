"""Signing keys: Ed25519 keys of a book, whose private halves are sealed in the vault; the newest one signs."""

from typing import Final
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.exports.records import ExportSigningKey, SigningKeyId
from ledger.journal import journal
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.reasons import require_reason
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.vault.sealing import PersonalValue
from ledger.vault.vault import Vault

_KEYS: Final = table(ExportSigningKey)
_COLUMN: Final = "export_signing_keys.private_key"
NO_PARTNER: Final = PartnerId(UUID(int=0))
"""The partner of secrets that belong to the book's operator."""


def rotate_key(work: Work, vault: Vault, book_id: BookId, *, reason: str) -> ExportSigningKey:
    """Make a new key, which signs from now on, and return its fact. Earlier keys stay, to make exports again.

    Its private half is durable in the vault first, and unused if the unit of work fails.
    """
    require_reason(reason)
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    (text,) = vault.seal(book_id, [_value(private.private_bytes_raw().hex())])
    fact = journal.draft(
        ExportSigningKey,
        key_id=SigningKeyId(derived_id("export signing key", public.hex())),
        public_key=public,
        private_key=text,
        actor=work.actor,
        reason=reason,
    )
    journal.seal(work, journal.open_batch(work, book_id), [fact])
    return signing_keys(work, book_id)[-1]


def signing_keys(scope: Reader | Work, book_id: BookId) -> list[ExportSigningKey]:
    """Return the keys of a book, the one that signs last."""
    query = sa.select(_KEYS).where(_KEYS.c.book_id == book_id).order_by(_KEYS.c.seq)
    return [ExportSigningKey(**row._asdict()) for row in scope.connection.execute(query)]


def signing_key(scope: Reader | Work, book_id: BookId, key_id: SigningKeyId) -> ExportSigningKey:
    """Return a key by its id. Raises `NotFound`."""
    found = next((each for each in signing_keys(scope, book_id) if each.key_id == key_id), None)
    if found is None:
        raise NotFound(f"there is no signing key {key_id.hex}")
    return found


def private_half(vault: Vault, key: ExportSigningKey) -> Ed25519PrivateKey:
    """Open the private half of a key. Raises `InvalidInput` if the vault has lost it."""
    (text,) = vault.open_sealed(key.book_id, [_value(key.private_key)])
    if text is None:
        raise InvalidInput(
            f"the vault does not open the signing key {key.key_id.hex}; make a new one with cofferdam reporting key"
        )
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text))


def _value(text: str) -> PersonalValue:
    return PersonalValue(NO_PARTNER, _COLUMN, text)
