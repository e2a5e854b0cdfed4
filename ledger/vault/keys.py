"""The vault's own keys: for wrapping the keys of subjects, and for hashing values that must not be guessed."""

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
    """A generation of the key that wraps the keys of subjects, and the tokens by which subjects are found.

    Once its key is destroyed, all rows, logs and copies of rows written under it are unreadable. Generation 0 is the
    vault key itself, of vaults from before there were generations; its tokens are not wrapped.
    """

    def __init__(self, number: int, key: bytes) -> None:
        """Take a key of 32 random bytes."""
        assert len(key) == KEY_BYTES, "the key of a generation has 32 bytes"
        self.number, self.key = number, key
        self._wrapping = AESSIV(derived_key(key, b"cofferdam wrap", 64))
        self._tokens = AESSIV(derived_key(key, b"cofferdam token", 64)) if number != DIRECT else None
        self.key_hash = derived_key(key, b"cofferdam check") if number != DIRECT else b""

    def wrapped(self, book_id: BookId, subject_id: SubjectId, key: bytes) -> bytes:
        """Wrap a subject's key for storage, bound to its subject."""
        return self._wrapping.encrypt(key, [_number(book_id), subject_id.bytes])

    def unwrapped(self, book_id: BookId, subject_id: SubjectId, wrapped: bytes) -> bytes | None:
        """Unwrap a subject's key. Returns None if it was wrapped under another generation, or for another subject."""
        try:
            return self._wrapping.decrypt(wrapped, [_number(book_id), subject_id.bytes])
        except InvalidTag:
            return None

    def wrapped_token(self, token: bytes) -> bytes:
        """Wrap a token for storage: the same each time, so that it is found by equality."""
        return token if self._tokens is None else self._tokens.encrypt(token, None)

    def unwrapped_token(self, stored: bytes) -> bytes | None:
        """Unwrap a stored token. Returns None if it was wrapped under another generation."""
        try:
            return stored if self._tokens is None else self._tokens.decrypt(stored, None)
        except InvalidTag:
            return None


class NamingKey:
    """The key for hashing values that must not be guessed; it stays the same for the life of the vault."""

    def __init__(self, naming: bytes, deriving: bytes) -> None:
        """Take two secret keys of 32 bytes."""
        self._naming, self._deriving = naming, deriving

    def token(self, book_id: BookId, value: PersonalValue) -> bytes:
        """Return the lookup token of a personal value; equal across columns, so that one person has one key."""
        return hmac.digest(self._naming, _number(book_id) + value.partner_id.bytes + value.text.encode(), "sha256")

    def derived_cipher(self, *parts: str | int | UUID) -> AESSIV:
        """Return the cipher whose key is derived from parts."""
        text = "\x1f".join(map(str, ("cipher", *parts)))
        return AESSIV(derived_key(self._deriving, text.encode(), 64))

    def derived_id(self, *parts: str | int | UUID) -> UUID:
        """Derive the id of a reference that may be personal: without this key, nobody can test a guess."""
        return derived_uuid(hmac.digest(self._deriving, "\x1f".join(map(str, parts)).encode(), "sha256"))


def derived_key(key: bytes, purpose: bytes, length: int = KEY_BYTES) -> bytes:
    """Derive the key for one purpose from another key."""
    return HKDF(SHA256(), length, salt=None, info=purpose).derive(key)


def _number(book_id: BookId) -> bytes:
    return book_id.to_bytes(4)
