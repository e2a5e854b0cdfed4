"""Row tuples: rows in the format of PostgreSQL's binary COPY, which the hash chain proves.

The format is PostgreSQL's own ("COPY", section "Binary Format"): a field count, then each field as a length and its
big-endian bytes, -1 for null. `COPY … TO STDOUT (FORMAT binary)` returns the same bytes, so that a proof needs no
serialisation of its own. The proved part is the tuple up to its last field that is not null: so a column that is added
at the end, null in every older row, does not change the proved part of those rows.
"""

import struct
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, Final
from uuid import UUID

from ledger.kernel.instants import EPOCH, EPOCH_DAY, MICROSECOND, days, micros
from ledger.kernel.record import NARROW, Column, Record, columns

HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER: Final = b"\xff\xff"

_NULL: Final = b"\xff\xff\xff\xff"
_LONG, _SHORT, _LENGTH = struct.Struct(">iq"), struct.Struct(">ii"), struct.Struct(">i")
_COUNT: Final = struct.Struct(">h")

Encoder = Callable[[tuple[Any, ...]], tuple[bytes, bytes]]
"""Encodes a row's values in column order, and returns its tuple and the proved part of it."""


def encoder(record: type[Record]) -> Encoder:
    """Return the encoder of rows of `record`."""
    return _encoder(record)  # type: ignore[arg-type]  # mypy takes a class for one of its own instances here


def written(record: type[Record], first: str, *fields: object) -> bytes:
    """Encode consecutive fields of a row tuple, from the column named `first` on."""
    stored = columns(record)
    start = next(at for at, column in enumerate(stored) if column.name == first)
    pairs = zip(stored[start : start + len(fields)], fields, strict=True)
    return b"".join([_NULL if value is None else _writer(column)(value) for column, value in pairs])


@cache
def _encoder(record: type[Record]) -> Encoder:
    """Pack the columns of fixed width that are never null at once, and the rest field by field.

    Most rows of a batch share that rest (one currency, one code, no reference), so its encoding is cached.
    """
    stored = columns(record)
    width = next((at for at, column in enumerate(stored) if column.nullable or _format(column) == ""), len(stored))
    head = struct.Struct(">h" + "".join(f"i{_format(column)}" for column in stored[:width]))
    frame: list[Any] = [len(stored), *(value for column in stored[:width] for value in (_width(column), 0))]
    convert = [
        (2 + 2 * at, _PACKED[column.storage]) for at, column in enumerate(stored[:width]) if column.storage in _PACKED
    ]
    writers = [_writer(column) for column in stored[width:]]

    @lru_cache(maxsize=4096)
    def rest(values: tuple[object, ...]) -> tuple[bytes, bytes, bytes]:
        pairs = zip(writers, values, strict=True)
        fields = [_NULL if value is None else write(value) for write, value in pairs]
        kept = next((at for at in range(len(values), 0, -1) if values[at - 1] is not None), 0)
        return b"".join(fields), b"".join(fields[:kept]), _COUNT.pack(width + kept)

    def encode(values: tuple[Any, ...]) -> tuple[bytes, bytes]:
        fields = frame.copy()
        fields[2::2] = values[:width]
        for at, pack in convert:
            fields[at] = pack(fields[at])
        first = head.pack(*fields)
        whole, proved, count = rest(values[width:])
        return first + whole, count + first[2:] + proved

    return encode


def proved(row_tuple: bytes) -> bytes:
    """Return the proved part of a stored row: its tuple up to the last field that is not null."""
    (count,) = _COUNT.unpack_from(row_tuple)
    at = end = 2
    kept = 0
    for place in range(1, count + 1):
        (length,) = _LENGTH.unpack_from(row_tuple, at)
        at += 4
        if length >= 0:
            at += length
            end, kept = at, place
    return _COUNT.pack(kept) + row_tuple[2:end]


def fields(row_tuple: bytes) -> Iterator[bytes | None]:
    """Yield the bytes of each field of a row tuple, None for null."""
    (count,) = _COUNT.unpack_from(row_tuple)
    at = 2
    for _ in range(count):
        (length,) = _LENGTH.unpack_from(row_tuple, at)
        at += 4
        yield None if length < 0 else row_tuple[at : at + length]
        at += max(length, 0)
    assert at == len(row_tuple), "a row tuple ends with its last field"


def values(record: type[Record], row_tuple: bytes) -> tuple[object, ...]:
    """Decode the values of a row tuple of `record`, in column order; of a proved part, those that it has."""
    pairs = zip(columns(record), fields(row_tuple), strict=False)
    return tuple(None if raw is None else _READERS[column.storage](raw) for column, raw in pairs)


def split_stream(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the row tuples of a binary COPY stream, one by one, without header and trailer."""
    buffer, begun = bytearray(), False
    for chunk in chunks:
        buffer += chunk
        if not begun and len(buffer) >= len(HEADER):
            assert buffer.startswith(HEADER), "not a binary COPY stream"
            del buffer[: len(HEADER)]
            begun = True
        at = 0
        while begun and (end := _tuple_end(buffer, at)) is not None:
            yield bytes(buffer[at:end])
            at = end
        del buffer[:at]
    assert bytes(buffer) == TRAILER, "the COPY stream ended inside a row"


def _tuple_end(buffer: bytearray, at: int) -> int | None:
    if len(buffer) < at + 2 or buffer[at : at + 2] == TRAILER:
        return None
    (fields,) = struct.unpack_from(">h", buffer, at)
    at += 2
    for _ in range(fields):
        if len(buffer) < at + 4:
            return None
        (length,) = _LENGTH.unpack_from(buffer, at)
        at += 4 + max(length, 0)
    return at if len(buffer) >= at else None


def _int(raw: bytes) -> int:
    return int.from_bytes(raw, signed=True)


def _bytes(value: bytes) -> bytes:
    return _LENGTH.pack(len(value)) + value


_FORMATS: Final = {int: "q", UUID: "16s", date: "i", datetime: "q"}
_WIDTHS: Final = {int: 8, UUID: 16, date: 4, datetime: 8}
_PACKED: Final[dict[type, Callable[..., object]]] = {
    UUID: lambda value: value.int.to_bytes(16),
    date: days,
    datetime: micros,
}
_WRITERS: Final[dict[type, Callable[..., bytes]]] = {
    bool: lambda value: b"\0\0\0\x01\x01" if value else b"\0\0\0\x01\0",
    int: lambda value: _LONG.pack(8, value),
    str: lambda value: _bytes(value.encode()),
    bytes: _bytes,
    UUID: lambda value: b"\0\0\0\x10" + value.bytes,
    date: lambda value: _SHORT.pack(4, days(value)),
    datetime: lambda value: _LONG.pack(8, micros(value)),
}


def _is_narrow(column: Column) -> bool:
    return column.storage is int and column.col.bits == NARROW


def _format(column: Column) -> str:
    """Return the struct format of a column of fixed width; empty for other columns."""
    return "i" if _is_narrow(column) else _FORMATS.get(column.storage, "")


def _width(column: Column) -> int:
    return 4 if _is_narrow(column) else _WIDTHS[column.storage]


def _writer(column: Column) -> Callable[..., bytes]:
    return (lambda value: _SHORT.pack(4, value)) if _is_narrow(column) else _WRITERS[column.storage]


_READERS: Final[dict[type, Callable[[bytes], object]]] = {
    bool: lambda raw: raw == b"\1",
    int: _int,
    str: bytes.decode,
    bytes: bytes,
    UUID: lambda raw: UUID(bytes=raw),
    date: lambda raw: date.fromordinal(_int(raw) + EPOCH_DAY),
    datetime: lambda raw: EPOCH + _int(raw) * MICROSECOND,
}
"""Decoders by type; an integer is decoded by its length, 4 or 8 bytes."""
