"""Fixed columns: encodes the first columns of many row tuples at once; they have a fixed width and are never null."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from itertools import chain
from typing import Final
from uuid import UUID

import numpy as np

from ledger.book.columnar.arrays import IntArray
from ledger.kernel.packed_ids import ID_BYTES
from ledger.kernel.record import NARROW, Column, Record, columns

_COUNT_BYTES: Final = 2


def fixed_columns(record: type[Record], values: Mapping[str, IntArray | int | bytes], size: int) -> list[bytes]:
    """Encode the beginnings of `size` tuples, up to the last column in `values`, which are the record's first columns.

    A column is a number for each row or one for all; ids are packed.
    """
    first = columns(record)[: len(values)]
    assert [column.name for column in first] == list(values), "a tuple has the columns of its record in their order"
    rows = np.zeros(size, _layout(first))
    rows["count"] = len(columns(record))
    for column in first:
        value, kind = values[column.name], _kind(column)
        rows[f"{column.name} length"] = np.dtype(kind).itemsize
        rows[column.name] = np.frombuffer(value, kind) if isinstance(value, bytes) else value
    whole, width = rows.tobytes(), rows.dtype.itemsize
    return [whole[at : at + width] for at in range(0, len(whole), width)]


@cache
def _layout(first: tuple[Column, ...]) -> "np.dtype[np.void]":
    """Return the layout: a count of fields, then each column as its length and its big-endian bytes."""
    fields = [((f"{column.name} length", ">i4"), (column.name, _kind(column))) for column in first]
    return np.dtype([("count", ">i2"), *chain.from_iterable(fields)])


def _kind(column: Column) -> str:
    assert not column.nullable, "a fixed column is never null"
    if column.storage is UUID:
        return f"V{ID_BYTES}"
    return ">i4" if column.storage is date or column.col.bits == NARROW else ">i8"
