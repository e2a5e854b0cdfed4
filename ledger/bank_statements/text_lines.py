"""Lines of a text file from a bank: decoded, numbered from one, bounded, and free of control characters."""

from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from ledger.kernel.errors import InvalidFormat

LINE_BYTES_MAX: Final = 16_384
"""The longest line; the formats themselves allow 80 to 200 characters, and banks are generous."""

_FRAMING: Final = b"\x01\x02\x03\x1a"
"""Start and end of header and text (SOH, STX, ETX), which FIN messages are framed with, and the end of a DOS file."""


class TextLine(NamedTuple):
    """A line with its number in the file, without its line break."""

    number: int
    text: str

    @property
    def place(self) -> str:
        """The line in words, for messages."""
        return f"line {self.number}"


def text_lines(source: BinaryIO) -> Iterator[TextLine]:
    """Yield the lines of a file in UTF-8, or in Windows-1252 where a line is no UTF-8. Raises `InvalidFormat`."""
    number = 0
    while content := source.readline(LINE_BYTES_MAX + 1):
        number += 1
        if len(content) > LINE_BYTES_MAX:
            found = f"more than {LINE_BYTES_MAX} bytes"
            raise InvalidFormat(f"line {number}", "length", found, "break the line where its format says so")
        if b"\0" in content:
            raise InvalidFormat(f"line {number}", "characters", "a NUL", "the file is text")
        yield TextLine(number, _decoded(content.rstrip(b"\r\n").strip(_FRAMING)).removeprefix("\ufeff"))


def _decoded(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
