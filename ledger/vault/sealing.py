"""Sealing: turns a personal value into text that only its subject's key opens, and back; nothing is stored here.

    s1.<subject, 22 characters>.<value under AES-SIV>

AES-SIV (RFC 5297) is deterministic: equal values of one subject in one column of one partner are equal when sealed, so
that unique keys, searches and the comparison of a resend still work. The text is bound to column and partner: it does
not open anywhere else.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from ledger.kernel.ids import PartnerId
from ledger.kernel.sql import SEALED
from ledger.vault.records import SubjectId


class PersonalValue(NamedTuple):
    """A value in a personal column (`transfers.counterparty`) of a partner, in clear or as sealed text.

    A clear value names its own subject, unless `subject_id` is given.
    """

    partner_id: PartnerId
    column: str
    text: str
    subject_id: SubjectId | None = None


def sealed(subject_id: SubjectId, key: AESSIV, value: PersonalValue) -> str:
    """Return the sealed text of a value."""
    return f"{SEALED}{_text(subject_id.bytes)}.{_text(key.encrypt(value.text.encode(), _bound_to(value)))}"


def subject_of(text: str) -> SubjectId | None:
    """Return the subject of a sealed text, or None if the text is not sealed."""
    try:
        return SubjectId(UUID(bytes=_bytes(text.removeprefix(SEALED).split(".")[0]))) if _is_sealed(text) else None
    except (ValueError, binascii.Error):
        return None


def opened(key: AESSIV, value: PersonalValue) -> str | None:
    """Open a value. Returns None if it was sealed for another column or partner, or is damaged."""
    try:
        return key.decrypt(_bytes(value.text.rpartition(".")[2]), _bound_to(value)).decode()
    except (InvalidTag, ValueError):
        return None


def _is_sealed(text: str) -> bool:
    return text.startswith(SEALED) and text.count(".") == SEALED.count(".") + 1


def _bound_to(value: PersonalValue) -> list[bytes]:
    return [value.column.encode(), value.partner_id.bytes]


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
