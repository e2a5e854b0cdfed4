"""Compression: unpacks bodies that come compressed with gzip, within a bound, and compresses long answers.

An answer has as many bytes as what is in it compresses to: who can place a text in an answer beside a secret, and see
the lengths of many, can guess the secret letter by letter (BREACH). So each answer has a random length on top, and only
queries without an error are compressed: errors and changes echo what was sent.
"""

import secrets
import struct
import zlib
from typing import Final

from starlette.datastructures import Headers

from api.media_types import accepts_gzip
from ledger.kernel.errors import Refusal

COMPRESSED_FROM_BYTES: Final = 8_000
"""Shorter answers are not compressed: the time on the event loop is worth more than a few packets."""

_LEVEL: Final = 1
_PADDING_BYTES_MAX: Final = 100
_NAMED: Final = b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff"
"""The header of a gzip member that has a file's name (RFC 1952, section 2.3), which holds the random bytes."""

_MEMBER: Final = zlib.MAX_WBITS | 16
_CODINGS: Final = {"": False, "identity": False, "gzip": True, "x-gzip": True}


def is_packed(headers: Headers) -> bool | None:
    """Return whether the body is compressed with gzip; None if it is compressed in another way."""
    return _CODINGS.get(headers.get("content-encoding", "").strip().lower())


def unpacked(body: bytes, bytes_max: int, too_large: Refusal) -> bytes:
    """Unpack a body; raise `too_large` before more than `bytes_max` bytes are unpacked, and `ValueError`."""
    stream = zlib.decompressobj(_MEMBER)
    try:
        text = stream.decompress(body, bytes_max + 1)
    except zlib.error:
        raise ValueError("the body is not gzip") from None
    if len(text) > bytes_max:
        raise too_large
    if not stream.eof or stream.unused_data:
        raise ValueError("the body is not one whole gzip member")
    return text


def coded_answer(body: bytes, headers: Headers, *, is_plain_query: bool) -> tuple[bytes, dict[str, str]]:
    """Return the body of an answer with its headers: compressed if it is long, and the caller takes that."""
    if not is_plain_query or len(body) < COMPRESSED_FROM_BYTES:
        return body, {}
    if not accepts_gzip(headers):
        return body, {"Vary": "Accept-Encoding"}
    return _packed(body), {"Vary": "Accept-Encoding", "Content-Encoding": "gzip"}


def _packed(body: bytes) -> bytes:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    padding = b"x" * secrets.randbelow(_PADDING_BYTES_MAX)
    end = struct.pack("<LL", zlib.crc32(body), len(body))
    return b"".join((_NAMED, padding, b"\0", packer.compress(body), packer.flush(), end))
