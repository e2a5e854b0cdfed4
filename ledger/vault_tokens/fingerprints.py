"""Fingerprints: random ids that equal values of a kind share within a partner, and that tell nothing else.

A fingerprint is the id of a subject of the vault, which is found by the keyed hash of the value. Once the last token of
the value has ended, that hash is destroyed: nobody can test a guess any more, not even with the vault's keys.
"""

from typing import Final

from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.vault.sealing import PersonalValue, subject_of
from ledger.vault.vault import Vault
from ledger.vault_tokens.records import FingerprintId
from ledger.vault_tokens.validation import SecretValue

_COLUMN: Final = "vault_tokens.fingerprint_id"


def fingerprint_of(vault: Vault, book_id: BookId, partner_id: PartnerId, value: SecretValue) -> FingerprintId:
    """Return the fingerprint of a value; one that the vault does not know becomes a subject, durably."""
    (text,) = vault.seal(book_id, [_fingerprinted(partner_id, value)])
    subject_id = subject_of(text)
    assert subject_id is not None, "what the vault seals has a subject"
    return FingerprintId(subject_id)


def known_fingerprint(vault: Vault, book_id: BookId, partner_id: PartnerId, value: SecretValue) -> FingerprintId | None:
    """Return the fingerprint of a value that a token of the partner stands for, or None."""
    found = vault.subject_of(book_id, _fingerprinted(partner_id, value))
    return None if found is None else FingerprintId(found)


def _fingerprinted(partner_id: PartnerId, value: SecretValue) -> PersonalValue:
    """Return the value in a space of the partner and the kind, in which no other text of the vault has a name."""
    space = PartnerId(derived_id(_COLUMN, partner_id, value.kind))
    return PersonalValue(space, _COLUMN, value.compared)
