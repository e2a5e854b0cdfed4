"""Merkle trees and the chain of batches (RFC 9162, section 2.1): what makes a journal provable.

leaf  = SHA-256(0x00 || table || 0x00 || row tuple)          the tuple as PostgreSQL's binary COPY writes it
node  = SHA-256(0x01 || left || right)                       an odd node rises unchanged
batch = SHA-256(previous batch || header || Merkle root)     header: book, first, last, microseconds since 1970
"""

import hashlib
import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from ledger.kernel.ids import BookId
from ledger.kernel.record import Record

GENESIS: Final = bytes(32)
"""What the first batch of a book names as its previous hash."""

_HEADER = struct.Struct(">qqqq")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def leaf_hash(record: type[Record], row_tuple: bytes) -> bytes:
    """The hash of one fact: its table, then its row tuple."""
    return hashlib.sha256(b"\0" + record.TABLE.encode() + b"\0" + row_tuple).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root over the hashes of at least one leaf, in their order."""
    assert leaves, "an empty batch is never sealed"
    level = list(leaves)
    while len(level) > 1:
        paired = [
            hashlib.sha256(b"\1" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        level = paired + level[-1:] if len(level) % 2 else paired
    return level[0]


def batch_hash(previous: bytes, span: tuple[BookId, int, int], recorded_at: datetime, root: bytes) -> bytes:
    """The chain's next link; `span` is the book with the first and last position."""
    micros = (recorded_at - _EPOCH) // timedelta(microseconds=1)
    return hashlib.sha256(previous + _HEADER.pack(*span, micros) + root).digest()
