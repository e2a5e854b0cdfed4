"""The vault's own keys: what wraps the keys of its subjects, and what hashes that which must not be guessed."""

import hmac
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger.kernel.ids import BookId, derived_uuid
from ledger.vault.records import SubjectId
from ledger.vault.sealing import PersonalValue

KEY_BYTES: Final = 32
"""Bytes of the vault key, of the key of each generation, and of each subject's key."""

DIRECT: Final = 0
"""The generation of vaults that began with the vault key itself as their only key."""


class Generation:
    """A generation of the key that the keys of subjects are wrapped under, and the tokens by which they are found.

    Once its key is destroyed, no stored row, log or copy of a row that was written under it says anything. Generation 0
    is the vault key itself, under which vaults began before there were generations; their tokens stand as they are.
    """

    def __init__(self, number: int, key: bytes) -> None:
        """`key` has 32 random bytes."""
        assert len(key) == KEY_BYTES, "the key of a generation has 32 bytes"
        self.number, self.key = number, key
        self._wrapping = AESSIV(derived_key(key, b"cofferdam wrap", 64))
        self._tokens = AESSIV(derived_key(key, b"cofferdam token", 64)) if number != DIRECT else None
        self.key_hash = derived_key(key, b"cofferdam check") if number != DIRECT else b""

    def wrapped(self, book_id: BookId, subject_id: SubjectId, key: bytes) -> bytes:
        """A subject's key as it is stored, bound to its subject."""
        return self._wrapping.encrypt(key, [_number(book_id), subject_id.bytes])

    def unwrapped(self, book_id: BookId, subject_id: SubjectId, wrapped: bytes) -> bytes | None:
        """A subject's key; None where it was wrapped under another generation, or for another subject."""
        try:
            return self._wrapping.decrypt(wrapped, [_number(book_id), subject_id.bytes])
        except InvalidTag:
            return None

    def wrapped_token(self, token: bytes) -> bytes:
        """A token as it is stored: the same each time, so that it is found by equality."""
        return token if self._tokens is None else self._tokens.encrypt(token, None)

    def unwrapped_token(self, stored: bytes) -> bytes | None:
        """The token of a stored one; None where it was wrapped under another generation."""
        try:
            return stored if self._tokens is None else self._tokens.decrypt(stored, None)
        except InvalidTag:
            return None


class NamingKey:
    """What hashes that which must not be guessed; it stays the same for as long as the vault stands."""

    def __init__(self, naming: bytes, deriving: bytes) -> None:
        """Both have 32 bytes that nobody knows."""
        self._naming, self._deriving = naming, deriving

    def token(self, book_id: BookId, value: PersonalValue) -> bytes:
        """By what the subject of a value is found: the same in every column, so that one key serves one person."""
        return hmac.digest(self._naming, _number(book_id) + value.partner_id.bytes + value.text.encode(), "sha256")

    def derived_id(self, *parts: str | int | UUID) -> UUID:
        """The id of a reference that may be personal: without this key, nobody can try which reference it is of."""
        return derived_uuid(hmac.digest(self._deriving, "\x1f".join(map(str, parts)).encode(), "sha256"))


def derived_key(key: bytes, purpose: bytes, length: int = KEY_BYTES) -> bytes:
    """The key for one purpose that follows from another key."""
    return HKDF(SHA256(), length, salt=None, info=purpose).derive(key)


def _number(book_id: BookId) -> bytes:
    return book_id.to_bytes(4)
