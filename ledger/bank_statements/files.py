"""Files of bank statements: which format it is, its hash, and its parts."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import BinaryIO, Final, NamedTuple

from ledger.bank_statements.bai2 import bai2_parts
from ledger.bank_statements.camt053 import camt053_parts
from ledger.bank_statements.lines import StatementPart
from ledger.bank_statements.mt940 import mt940_parts
from ledger.kernel.errors import InvalidFormat

_HEAD_BYTES: Final = 4096
_BLOCK_BYTES: Final = 1 << 20
_BLANKS: Final = bytes(range(0x21))
"""Blanks, and the control characters that some banks' systems leave at the beginning."""

_MT940: Final = re.compile(rb"^(?:\{4:)?:(?:20|25|28C?|60[FM]?|61|62[FM]?|86):", re.MULTILINE)
_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
"""Byte order marks of UTF-8 and UTF-16, which XML may have."""


class StatementFormat(StrEnum):
    """The formats in which banks send statements; MAPPED is a table whose columns a mapping declares."""

    CAMT053 = "camt.053"
    MT940 = "MT940"
    BAI2 = "BAI2"
    MAPPED = "mapped"


class StatementFile(NamedTuple):
    """A file as it came: its format, the SHA-256 of its bytes by which it is known, and its size."""

    format: StatementFormat
    sha256: str
    bytes: int


_READERS: Final[Mapping[StatementFormat, Callable[[BinaryIO], Iterator[StatementPart]]]] = {
    StatementFormat.CAMT053: camt053_parts,
    StatementFormat.MT940: mt940_parts,
    StatementFormat.BAI2: bai2_parts,
}


def identified(source: BinaryIO, kind: StatementFormat | None = None) -> StatementFile:
    """Read a file once for its hash, find its format unless it is given, and return to its beginning.

    Raises `InvalidFormat`.
    """
    source.seek(0)
    sha256, size, head = hashlib.sha256(), 0, b""
    while block := source.read(_BLOCK_BYTES):
        head = head or block[:_HEAD_BYTES]
        sha256.update(block)
        size += len(block)
    source.seek(0)
    return StatementFile(kind or _format_of(head), sha256.hexdigest(), size)


def statement_parts(source: BinaryIO, kind: StatementFormat) -> Iterator[StatementPart]:
    """Yield the parts of a file's statements by its format. Raises `InvalidFormat`."""
    return _READERS[kind](source)


def _format_of(head: bytes) -> StatementFormat:
    for mark in _MARKS:
        head = head.removeprefix(mark)
    head = head.lstrip(_BLANKS)
    if head.startswith(b"<"):
        return StatementFormat.CAMT053
    if head[:2].isdigit() and head[2:3] == b",":
        return StatementFormat.BAI2
    if _MT940.search(head.replace(b"\r", b"\n")):
        return StatementFormat.MT940
    shown = head[:20].decode("ascii", errors="replace")
    raise InvalidFormat("line 1", "format", shown, "a statement is camt.053 (XML), MT940 (:20:) or BAI2 (01,)")
