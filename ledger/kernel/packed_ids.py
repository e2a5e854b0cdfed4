"""Packed ids: many ids in one bytes object, 16 bytes each; UUID objects are made only on access."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, overload
from uuid import UUID

ID_BYTES: Final = 16
"""The number of bytes of an id."""


class PackedIds(Sequence[UUID]):
    """Ids in order; `packed` are their bytes, concatenated."""

    __slots__ = ("packed",)

    def __init__(self, packed: bytes) -> None:
        assert len(packed) % ID_BYTES == 0, "an id is torn"
        self.packed: Final = packed

    def __len__(self) -> int:
        return len(self.packed) // ID_BYTES

    @overload
    def __getitem__(self, at: int) -> UUID: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[UUID]: ...
    def __getitem__(self, at: int | slice) -> UUID | Sequence[UUID]:
        if isinstance(at, slice):
            return list(self)[at]
        start = range(len(self))[at] * ID_BYTES
        return UUID(bytes=self.packed[start : start + ID_BYTES])

    def __iter__(self) -> Iterator[UUID]:
        packed = self.packed
        return (UUID(bytes=packed[at : at + ID_BYTES]) for at in range(0, len(packed), ID_BYTES))


def packed_ids(ids: Iterable[UUID]) -> bytes:
    """Concatenate the bytes of ids."""
    return ids.packed if isinstance(ids, PackedIds) else b"".join([each.int.to_bytes(ID_BYTES) for each in ids])
