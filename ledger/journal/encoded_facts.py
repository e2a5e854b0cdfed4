"""Encoded facts: row tuples and their leaf hashes, computed for many rows of one record at once."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

from ledger.kernel.record import Fact, Record, columns

_COUNT_BYTES: Final = 2
_NULL_BYTES: Final = 4


class EncodedFacts(NamedTuple):
    """Facts as row tuples by record, with a leaf for each, in order of position."""

    tuples: Mapping[type[Fact], Sequence[bytes]]
    leaves: Sequence[bytes]


def leaf_prefix(record: type[Record], count: int) -> bytes:
    """Return the bytes hashed before the proved fields: the table, the names of their columns, and their count."""
    return _prefixes(record)[count]  # type: ignore[arg-type]  # mypy takes a class for one of its own instances here


def leaf_hashes(record: type[Record], rows: Sequence[bytes], proved: Iterable[int]) -> list[bytes]:
    """Return the leaf of each row tuple; `proved` is the number of its proved columns.

    They are all columns up to the last with a value: after that, each field is only a length that means null.
    """
    total = len(columns(record))
    begun = {count: hashlib.sha256(leaf_prefix(record, count)) for count in range(1, total + 1)}
    leaves = []
    for row, count in zip(rows, proved, strict=False):
        leaf = begun[count].copy()
        leaf.update(row[_COUNT_BYTES : len(row) - _NULL_BYTES * (total - count)])
        leaves.append(leaf.digest())
    return leaves


@cache
def _prefixes(record: type[Record]) -> tuple[bytes, ...]:
    names = [column.name for column in columns(record)]
    firsts = (",".join(names[:count]) for count in range(len(names) + 1))
    return tuple(
        f"\0{record.TABLE}({first})\0".encode() + count.to_bytes(_COUNT_BYTES) for count, first in enumerate(firsts)
    )
