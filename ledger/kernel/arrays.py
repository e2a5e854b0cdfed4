"""Arrays of ids as one parameter of a statement, in PostgreSQL's binary format."""

import struct
from collections.abc import Iterable
from typing import Final
from uuid import UUID

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg.adapt import Dumper
from psycopg.pq import Format

from ledger.kernel.packed_ids import ID_BYTES

_UUID_OID, _UUID_ARRAY_OID = 2950, 2951
_HEAD: Final = struct.Struct(">iiiii")
_LENGTH: Final = ID_BYTES.to_bytes(4)
_ELEMENT: Final = np.dtype([("length", ">i4"), ("id", f"S{ID_BYTES}")])


class UuidArray(bytes):
    """A `uuid[]` in PostgreSQL's binary format."""


def uuid_array(ids: Iterable[UUID]) -> UuidArray:
    """Encode ids as one parameter, ten times faster than adapting a list; sorted, so that the server need not sort."""
    elements = [_LENGTH + number.to_bytes(ID_BYTES) for number in sorted(value.int for value in ids)]
    return UuidArray(_HEAD.pack(1, 0, _UUID_OID, len(elements), 1) + b"".join(elements))


def packed_array(ids: NDArray[np.bytes_]) -> UuidArray:
    """Encode ids that are sorted already, each as its bytes, as one parameter."""
    elements = np.empty(len(ids), _ELEMENT)
    elements["length"], elements["id"] = ID_BYTES, ids
    return UuidArray(_HEAD.pack(1, 0, _UUID_OID, len(ids), 1) + elements.tobytes())


def teach_arrays(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Register the adapter for `UuidArray` on a connection."""
    connection.adapters.register_dumper(UuidArray, _UuidArrayDumper)


class _UuidArrayDumper(Dumper):
    oid, format = _UUID_ARRAY_OID, Format.BINARY

    def dump(self, obj: UuidArray) -> bytes:
        return obj
