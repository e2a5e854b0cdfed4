"""Computes the memory that an Arrow IPC stream claims to need, before any of it is decompressed.

Gigabytes of zeros compress to a few bytes. Each compressed buffer begins with its decompressed length, which the reader
allocates at once; so the sum of those lengths must be checked first. The offsets are those of the format's flatbuffers
(`Message.fbs`): the fields of a table are found through its vtable.
"""

import struct
from typing import Final

import pyarrow as pa

from ledger.kernel.errors import InvalidInput

_MESSAGE_HEADER_TYPE, _MESSAGE_HEADER = 1, 2
_DICTIONARY_BATCH, _RECORD_BATCH = 2, 3
_DICTIONARY_DATA: Final = 1
_BATCH_BUFFERS, _BATCH_COMPRESSION = 2, 3
_NOT_PACKED: Final = -1


def unpacked_bytes(stream: bytes) -> int:
    """Sum the decompressed size of all buffers of an Arrow IPC stream. Raises `InvalidInput`, `ArrowException`."""
    total = 0
    try:
        for message in pa.ipc.MessageReader.open_stream(stream):
            total += _message_bytes(message.metadata.to_pybytes(), message.body)
    except struct.error as fault:
        raise InvalidInput(f"the Arrow stream has a message with an offset outside it: {fault}") from fault
    return total


def _message_bytes(metadata: bytes, body: pa.Buffer | None) -> int:
    message = _number("<I", metadata, 0)
    kind = _field(metadata, message, _MESSAGE_HEADER_TYPE)
    header_type = metadata[kind] if kind is not None and kind < len(metadata) else 0
    if body is None or header_type not in (_DICTIONARY_BATCH, _RECORD_BATCH):
        return 0
    batch = _table(metadata, message, _MESSAGE_HEADER)
    if batch is not None and header_type == _DICTIONARY_BATCH:
        batch = _table(metadata, batch, _DICTIONARY_DATA)
    if batch is None or _table(metadata, batch, _BATCH_COMPRESSION) is None:
        return int(body.size)
    return _packed_bytes(metadata, batch, body)


def _packed_bytes(metadata: bytes, batch: int, body: pa.Buffer) -> int:
    buffers = _table(metadata, batch, _BATCH_BUFFERS)
    if buffers is None:
        return 0
    total, content = 0, memoryview(body)
    for at in range(_number("<I", metadata, buffers)):
        offset, length = struct.unpack_from("<qq", metadata, buffers + 4 + 16 * at)
        if length:
            unpacked = _number("<q", content, offset)
            total += length if unpacked == _NOT_PACKED else max(unpacked, 0)
    return total


def _table(metadata: bytes, table: int, field: int) -> int | None:
    """Return the offset of the table or vector that a field refers to, or None if the field is absent."""
    place = _field(metadata, table, field)
    return None if place is None else place + _number("<I", metadata, place)


def _field(metadata: bytes, table: int, field: int) -> int | None:
    vtable = table - _number("<i", metadata, table)
    entry = 4 + 2 * field
    if entry >= _number("<H", metadata, vtable):
        return None
    offset = _number("<H", metadata, vtable + entry)
    return table + offset if offset else None


def _number(form: str, content: bytes | memoryview, place: int) -> int:
    if place < 0:
        raise struct.error(f"{place} is before its beginning")
    (number,) = struct.unpack_from(form, content, place)
    return int(number)
