"""Merkle trees and the chain of batches (RFC 9162, section 2.1), which make a journal provable.

leaf  = SHA-256(0x00 || table(columns) || 0x00 || tuple)     up to the last field that is not null, and its columns
node  = SHA-256(0x01 || left || right)                       an odd node moves up unchanged
batch = SHA-256(previous batch || header || Merkle root)     header: book, first, last, microseconds since 1970

An inclusion path has the siblings of a leaf and of the nodes above it, bottom up: with them, one leaf gives the root.
"""

import hashlib
import struct
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final, NamedTuple

from ledger.journal.encoded_facts import leaf_prefix
from ledger.kernel.ids import BookId
from ledger.kernel.record import Record

GENESIS: Final = bytes(32)
"""The previous hash of the first batch of a book."""

EMPTY_SINCE: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The recording instant of an empty journal's head; headers count microseconds from here."""


class Step(NamedTuple):
    """A sibling on the path from a leaf to the root, and whether it is on the left."""

    is_left: bool
    hash: bytes


_HEADER, _COUNT = struct.Struct(">qqqq"), struct.Struct(">h")


def leaf_hash(record: type[Record], proved: bytes) -> bytes:
    """Hash one fact: its table, the names of the proved columns, and the proved part of its row tuple."""
    (count,) = _COUNT.unpack_from(proved)
    return hashlib.sha256(leaf_prefix(record, count) + proved[_COUNT.size :]).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over the hashes of at least one leaf, in order."""
    *_, (root,) = _levels(leaves)
    return root


def inclusion_path(leaves: Sequence[bytes], index: int) -> tuple[Step, ...]:
    """Return the siblings from the leaf at `index` up to the root; a node that moves up unchanged has none."""
    assert 0 <= index < len(leaves), "the leaf is one of the tree"
    siblings = ((level, index >> height ^ 1) for height, level in zip(count(), _levels(leaves), strict=False))
    return tuple(Step(at % 2 == 0, level[at]) for level, at in siblings if at < len(level))


def root_from_path(leaf: bytes, path: Sequence[Step]) -> bytes:
    """Compute the root from a leaf and its path."""
    node = leaf
    for step in path:
        node = _node(step.hash, node) if step.is_left else _node(node, step.hash)
    return node


def batch_hash(previous: bytes, span: tuple[BookId, int, int], recorded_at: datetime, root: bytes) -> bytes:
    """Compute the chain's next hash; `span` is the book with the first and last position."""
    micros = (recorded_at - EMPTY_SINCE) // timedelta(microseconds=1)
    return hashlib.sha256(previous + _HEADER.pack(*span, micros) + root).digest()


def _levels(leaves: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Yield the leaves, then every level above them up to the root."""
    assert leaves, "an empty batch is never sealed"
    level, sha256 = list(leaves), hashlib.sha256
    yield level
    while len(level) > 1:
        # Like `_node`, without a call for each: there are as many nodes as leaves.
        paired = [sha256(b"\1" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        level = paired + level[-1:] if len(level) % 2 else paired
        yield level


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()
