"""Lines: decodes a file into numbered lines, and separates preamble, body and footer."""

import codecs
import itertools
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, Final

from ledger.kernel.errors import InvalidInput
from pipelines.imports.dialects import Dialect

LINE_BYTES_MAX: Final = 1 << 20
"""The longest line of a CSV file."""

_BLOCK_BYTES: Final = 1 << 16
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def marked_encoding(start: bytes) -> str | None:
    """Return the encoding of a file's byte order mark, if it has one."""
    return next((encoding for mark, encoding in _MARKS if start.startswith(mark)), None)


def decoded_lines(name: str, stream: BinaryIO, dialect: Dialect) -> Iterator[str]:
    """Yield the decoded lines with their line breaks. Raises `InvalidInput` for bytes outside of the encoding."""
    start = stream.read(4)
    stream.seek(-len(start), 1)
    marked = marked_encoding(start)
    if marked is not None and marked != dialect.encoding.removesuffix("-le").removesuffix("-be"):
        raise InvalidInput(
            f"{name} begins with the byte order mark of {marked}, and is declared as {dialect.encoding}; say "
            f'[csv] encoding = "{marked}" in the mapping'
        )
    if dialect.encoding in ("utf-16", "utf-32") and marked is None and start:
        raise InvalidInput(
            f"{name} begins without a byte order mark, so that {dialect.encoding} has two readings; say "
            f'[csv] encoding = "{dialect.encoding}-le" or "-be" in the mapping'
        )
    yield from _of_text(name, stream, dialect) if dialect.is_wide else _of_bytes(name, stream, dialect)


class Body(Iterator[str]):
    """The lines from the header, or the first row, to the last row; `preamble` and `footer` hold the others.

    `first_line` is the number of the body's first line; the footer is complete at the end of the body.
    """

    def __init__(self, name: str, lines: Iterator[str], dialect: Dialect) -> None:
        self._lines, self._footer_lines = lines, dialect.footer_lines
        before = int(dialect.has_sep_line) + dialect.skip_lines
        self.preamble = list(itertools.islice(lines, before))
        self.first_line = 1 + len(self.preamble)
        self._held: deque[str] = deque()
        self._full = self._given = 0
        if dialect.has_sep_line:
            self._require_sep_line(name, dialect)

    @property
    def footer(self) -> list[tuple[int, str]]:
        """The lines after the last row, with their numbers."""
        return list(enumerate(self._held, self.first_line + self._given))

    def __next__(self) -> str:
        if not self._footer_lines:
            return next(self._lines)
        while self._full <= self._footer_lines:
            line = next(self._lines)
            self._held.append(line)
            self._full += not line.isspace()
        line = self._held.popleft()
        self._full -= not line.isspace()
        self._given += 1
        return line

    def _require_sep_line(self, name: str, dialect: Dialect) -> None:
        first = self.preamble[0].strip().strip('"') if self.preamble else ""
        if first.lower() != f"sep={dialect.delimiter}".strip().lower():
            found = f"it is {first[:40]!r}" if first else "it is empty"
            raise InvalidInput(f"{name} line 1 is no sep={dialect.delimiter}: {found}; mend [csv] in the mapping")


def _of_bytes(name: str, stream: BinaryIO, dialect: Dialect) -> Iterator[str]:
    """Split bytes, since `str.splitlines` also splits at other characters than line breaks."""
    encoding = dialect.encoding
    for number in itertools.count(1):
        line = stream.readline(LINE_BYTES_MAX + 1)
        if not line:
            return
        if len(line) > LINE_BYTES_MAX:
            raise _too_long(name, number)
        try:
            text = line.decode(encoding)
        except UnicodeDecodeError as fault:
            raise InvalidInput(
                f"{name} line {number} is not {encoding}: byte {line[fault.start]:#04x} at column "
                f'{fault.start + 1}; say what it is in the mapping, such as [csv] encoding = "cp1252"'
            ) from fault
        yield text.removeprefix("\ufeff") if number == 1 else text


def _of_text(name: str, stream: BinaryIO, dialect: Dialect) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(dialect.encoding)()
    held, number, is_end = "", 1, False
    while not is_end:
        block = stream.read(_BLOCK_BYTES)
        is_end = not block
        try:
            held += decoder.decode(block, final=is_end)
        except UnicodeDecodeError as fault:
            raise InvalidInput(
                f"{name} line {number} or one soon after it is not {dialect.encoding}: {fault.reason}; say what it is "
                'in the mapping, such as [csv] encoding = "cp1252"'
            ) from fault
        *whole, held = held.split("\n")
        for line in whole:
            yield f"{line}\n".removeprefix("\ufeff") if number == 1 else f"{line}\n"
            number += 1
        if len(held) > LINE_BYTES_MAX:
            raise _too_long(name, number)
    if held:
        yield held.removeprefix("\ufeff") if number == 1 else held


def _too_long(name: str, number: int) -> InvalidInput:
    return InvalidInput(f"{name} line {number} is longer than {LINE_BYTES_MAX} bytes: this is no CSV file")
