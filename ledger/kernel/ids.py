"""Ids: UUIDs in the store, made at random or derived; the type of each noun's ids is beside its record.

Accounts, partners and actors also have a number, dense in their book: transfers refer to them by number, which takes 4
bytes where an id takes 16. Numbers are never shown outside the book.
"""

import hashlib
import os
import time
from collections.abc import Iterable
from typing import Final, NewType
from uuid import UUID

from ledger.kernel.packed_ids import ID_BYTES, PackedIds

BookId = NewType("BookId", int)
PartnerId = NewType("PartnerId", UUID)


_VERSION_8: Final = 0x8 << 76 | 0b10 << 62
_KEPT: Final = ~(0xF << 76) & ~(0b11 << 62)
"""All bits of a digest except those of the UUID's version and variant."""

_VERSION_BYTES: Final = bytes(byte & 0x0F | 0x80 for byte in range(256))
_VARIANT_BYTES: Final = bytes(byte & 0x3F | 0x80 for byte in range(256))
"""The same masks for single bytes: one table for the byte with the version, one for that with the variant."""


def new_id() -> UUID:
    """Make a new UUIDv7 (RFC 9562): milliseconds since 1970, then 74 random bits."""
    millis = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    return UUID(int=millis << 80 | 0x7 << 76 | (random >> 64 & 0xFFF) << 64 | 0b10 << 62 | random & (1 << 62) - 1)


def derived_id(*parts: str | int | UUID) -> UUID:
    """Derive a UUIDv8 (RFC 9562) from parts: equal parts always give the same id, so that a resend is recognised."""
    text = "\x1f".join(str(part) for part in parts)
    return derived_uuid(hashlib.sha256(text.encode()).digest())


def derived_uuid(digest: bytes) -> UUID:
    """Make a UUIDv8 of a digest of at least 16 bytes."""
    return UUID(int=int.from_bytes(digest[:16]) & _KEPT | _VERSION_8)


def derived_ids(before: tuple[str | int | UUID, ...], names: Iterable[str], *after: str | int) -> PackedIds:
    """Compute `derived_id(*before, name, *after)` for each name, three times faster than one by one."""
    start, end = "".join(f"{part}\x1f" for part in before), "".join(f"\x1f{part}" for part in after)
    sha256 = hashlib.sha256
    packed = bytearray().join([sha256(f"{start}{name}{end}".encode()).digest()[:ID_BYTES] for name in names])
    packed[6::ID_BYTES] = packed[6::ID_BYTES].translate(_VERSION_BYTES)
    packed[8::ID_BYTES] = packed[8::ID_BYTES].translate(_VARIANT_BYTES)
    return PackedIds(bytes(packed))
