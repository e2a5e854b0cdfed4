"""Framing: cuts a stream of bytes into records of 94 characters, as rows of arrays, in memory that stays flat."""

from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from ledger.rails.ach.errors import Fault, InvalidAchFile
from ledger.rails.ach.records import RECORD_LENGTH

Rows = NDArray[np.uint8]
"""Records as rows of 94 bytes."""

_READ_BYTES: Final = 1 << 20
_LINE_BYTES_MAX: Final = 1 << 10
"""The longest line that is looked at: a record, and blanks that a transfer may have put behind it."""

_BREAK, _OTHER = ord("\n"), 0xFF


def framed(stream: BinaryIO, report: Callable[[Fault], None]) -> Iterator[Rows]:
    r"""Yield the records of a stream in order, about 11,000 at once.

    Records are parted by `\n` or `\r\n`, or by nothing. A transfer may have cut the blanks at the end of a line or have
    added some; anything else behind a record is a fault. Raises `InvalidAchFile` where no line break comes any more.
    """
    head = b""
    while len(head) < _LINE_BYTES_MAX and (more := stream.read(_READ_BYTES)):
        head += more
    yield from (_by_lines(head, stream, report) if _has_lines(head) else _by_length(head, stream))


def _has_lines(head: bytes) -> bool:
    """Return whether line breaks part the records, or only end the file."""
    first = head.find(b"\n")
    is_at_end = (
        not head[first:].strip(b"\r\n")
        and first > RECORD_LENGTH
        and not len(head[:first].rstrip(b"\r")) % RECORD_LENGTH
    )
    return len(head) <= RECORD_LENGTH if first < 0 else not is_at_end


def _by_length(head: bytes, stream: BinaryIO) -> Iterator[Rows]:
    """Cut records that nothing parts; the last one may lack blanks, and a line break may end the file."""
    held = head
    while more := stream.read(_READ_BYTES):
        whole = len(held) - len(held) % RECORD_LENGTH
        yield _as_rows(held[:whole])
        held = held[whole:] + more
    held = held.rstrip(b"\r\n")
    yield _as_rows(held.ljust(-(-len(held) // RECORD_LENGTH) * RECORD_LENGTH))


def _by_lines(head: bytes, stream: BinaryIO, report: Callable[[Fault], None]) -> Iterator[Rows]:
    """Cut lines; whole blocks of full lines are rows as they are, others are cut one by one."""
    held, line, more = head, 1, stream.read(_READ_BYTES)
    while held:
        end = len(held) if not more else held.rfind(b"\n") + 1
        rows = _full_lines(held[:end])
        if rows is None:
            rows = _cut_lines(held[:end], line, report, is_last=not more)
        line += len(rows)
        yield rows
        if len(held) - end > _LINE_BYTES_MAX:
            raise InvalidAchFile([_too_long(line, f"more than {_LINE_BYTES_MAX}")])
        held, more = held[end:] + more, stream.read(_READ_BYTES) if more else b""


def _full_lines(block: bytes) -> Rows | None:
    """Return lines as rows if each is exactly a record and a line break."""
    stride = RECORD_LENGTH + 1
    if len(block) % stride or block.count(b"\n") != len(block) // stride:
        return None
    lines = np.frombuffer(block, np.uint8).reshape(-1, stride)
    return lines[:, :RECORD_LENGTH] if bool((lines[:, RECORD_LENGTH] == _BREAK).all()) else None


def _cut_lines(block: bytes, line: int, report: Callable[[Fault], None], *, is_last: bool) -> Rows:
    texts = block.removesuffix(b"\n").split(b"\n") if block else []
    while is_last and texts and not texts[-1].strip():
        texts.pop()  # empty lines behind the last record
    rows = [_record_of(text.removesuffix(b"\r")) for text in texts]
    for number, row in enumerate(rows, line):
        if row[RECORD_LENGTH:].strip(b" "):
            report(_too_long(number, str(len(row))))
    return _as_rows(b"".join(row[:RECORD_LENGTH].ljust(RECORD_LENGTH) for row in rows))


def _record_of(line: bytes) -> bytes:
    """Return one byte for each character of a line, so that fields of UTF-8 are named that have others than ASCII."""
    if line.isascii():
        return line
    text = line.decode("utf-8", "replace")
    return bytes(min(ord(each), _OTHER) for each in text)


def _as_rows(block: bytes) -> Rows:
    return np.frombuffer(block, np.uint8).reshape(-1, RECORD_LENGTH)


def _too_long(line: int, length: str) -> Fault:
    return Fault(line, "line", "length", length, f"a record of {RECORD_LENGTH} characters, and a line break behind it")
