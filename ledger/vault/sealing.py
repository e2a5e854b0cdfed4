"""Sealing: from a personal value to text that only its subject's key opens, and back; nothing here is stored.

    s1.<subject, 22 characters>.<value under AES-SIV>

AES-SIV (RFC 5297) is deterministic: equal values of one subject in one column of one partner are equal when sealed, so
that unique keys, searches and the comparison of a resend go on working. Column and partner are bound to the text: it
opens nowhere else.
"""

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger.kernel.ids import BookId, PartnerId, SubjectId, derived_uuid
from ledger.kernel.sql import SEALED

KEY_BYTES: Final = 32
"""Bytes of the vault key and of each subject's key."""


class PersonalValue(NamedTuple):
    """A value in a personal column (`transfers.counterparty`) of a partner's, in clear or as sealed text.

    A value in clear names its own subject, unless `subject_id` says whose it is.
    """

    partner_id: PartnerId
    column: str
    text: str
    subject_id: SubjectId | None = None


class VaultKey:
    """The installation's key: it wraps the keys of subjects, and hashes what must not be guessed."""

    def __init__(self, key: bytes) -> None:
        """`key` has 32 random bytes."""
        assert len(key) == KEY_BYTES, "a vault key has 32 bytes"
        self._wrapping = AESSIV(_derived(key, b"cofferdam wrap", 64))
        self._naming = _derived(key, b"cofferdam name", KEY_BYTES)
        self._deriving = _derived(key, b"cofferdam id", KEY_BYTES)

    def wrapped(self, book_id: BookId, subject_id: SubjectId, key: bytes) -> bytes:
        """A subject's key as it is stored, bound to its subject."""
        return self._wrapping.encrypt(key, [_number(book_id), subject_id.bytes])

    def unwrapped(self, book_id: BookId, subject_id: SubjectId, wrapped: bytes) -> AESSIV | None:
        """What seals for a subject; None where its key was wrapped by another vault key."""
        try:
            return AESSIV(self._wrapping.decrypt(wrapped, [_number(book_id), subject_id.bytes]))
        except InvalidTag:
            return None

    def token(self, book_id: BookId, value: PersonalValue) -> bytes:
        """By what the subject of a value is found: the same in every column, so that one key serves one person."""
        return hmac.digest(self._naming, _number(book_id) + value.partner_id.bytes + value.text.encode(), "sha256")

    def derived_id(self, *parts: str | int | UUID) -> UUID:
        """The id of a reference that may be personal: without this key, nobody can try which reference it is of."""
        return derived_uuid(hmac.digest(self._deriving, "\x1f".join(map(str, parts)).encode(), "sha256"))


def sealed(subject_id: SubjectId, key: AESSIV, value: PersonalValue) -> str:
    """The sealed text of a value."""
    return f"{SEALED}{_text(subject_id.bytes)}.{_text(key.encrypt(value.text.encode(), _bound_to(value)))}"


def subject_of(text: str) -> SubjectId | None:
    """Whose sealed text it is; None where it is none."""
    try:
        return SubjectId(UUID(bytes=_bytes(text.removeprefix(SEALED).split(".")[0]))) if _is_sealed(text) else None
    except (ValueError, binascii.Error):
        return None


def opened(key: AESSIV, value: PersonalValue) -> str | None:
    """The value in clear; None where it was sealed for another column or partner, or is not whole."""
    try:
        return key.decrypt(_bytes(value.text.rpartition(".")[2]), _bound_to(value)).decode()
    except (InvalidTag, ValueError):
        return None


def _is_sealed(text: str) -> bool:
    return text.startswith(SEALED) and text.count(".") == SEALED.count(".") + 1


def _bound_to(value: PersonalValue) -> list[bytes]:
    return [value.column.encode(), value.partner_id.bytes]


def _number(book_id: BookId) -> bytes:
    return book_id.to_bytes(4)


def _derived(key: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=purpose).derive(key)


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
