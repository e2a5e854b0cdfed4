"""CSV files, read line by line so that a malformed row costs only itself and every row knows its line.

A columnar reader would be faster per row, but it loses the line numbers at the first quoted line break and the rest of
the block at the first open quote; the posting path behind it takes ten times as long as this reader either way.
"""

import csv
import io
import itertools
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from ledger.kernel.errors import InvalidInput
from pipelines.imports.chunks import Chunk, HistoryFile, RejectedRow, WholeRow, require_columns
from pipelines.imports.mapping import Dialect
from pipelines.imports.rules import Rule
from pipelines.imports.sources import Fault

LINE_BYTES_MAX: Final = 1 << 20
"""A longer line is no line of a CSV file."""

ROW_LINES_MAX: Final = 100
"""How many lines a row may span by quoted line breaks; more means that a quote was never closed."""


def open_csv(path: Path, columns: Sequence[str], dialect: Dialect) -> HistoryFile:
    """A CSV file with a header that has `columns`. Raises `InvalidInput`, `OSError`."""
    with path.open("rb") as stream:
        header = next(_Rows(_lines(path.name, stream, dialect), dialect), None)
    if header is None or isinstance(header[1], str):
        raise InvalidInput(f"{path.name} has no header line that can be read as CSV")
    names = header[1]
    require_columns(path, columns, names)
    places = {name: names.index(name) for name in columns}
    return HistoryFile(path, path.stat().st_size, lambda rows: _chunks(path, places, len(names), dialect, rows=rows))


def columns_again(whole: WholeRow, dialect: Dialect) -> Mapping[str, str] | Fault:
    """The columns of a row that was taken out of its file, read by a dialect that may be another by now."""
    text = f"{whole.header}{whole.row}".encode(whole.encoding)
    try:
        rows = [row for _, row, _ in _Rows(_lines("the row", io.BytesIO(text), dialect), dialect)]
    except InvalidInput:
        return Fault(Rule.MALFORMED_CSV, f"the row is not {dialect.encoding}")
    header, row = rows if len(rows) == _HEADER_AND_ROW else ("the row is more or less than one", [])
    for read in (header, row):
        if isinstance(read, str):
            return Fault(Rule.MALFORMED_CSV, read)
    assert not isinstance(header, str)
    assert not isinstance(row, str)
    return _ragged(row, len(header)) or dict(zip(header, row, strict=True))


_HEADER_AND_ROW: Final = 2


def _ragged(row: Sequence[str], width: int) -> Fault | None:
    says = f"the row has {len(row)} fields, the header has {width}"
    return None if len(row) == width else Fault(Rule.MALFORMED_CSV, says)


def _chunks(path: Path, places: dict[str, int], width: int, dialect: Dialect, *, rows: int) -> Iterator[Chunk]:
    with path.open("rb") as stream:
        numbered = _Rows(_lines(path.name, stream, dialect), dialect)
        _, _, header = next(numbered)
        while True:
            lines: list[int] = []
            read: list[list[str]] = []
            torn: list[RejectedRow] = []
            texts: list[str] = []
            torn_texts: list[str] = []
            for line, row, text in numbered:
                fault = Fault(Rule.MALFORMED_CSV, row) if isinstance(row, str) else _ragged(row, width)
                if fault is not None:
                    torn.append(RejectedRow(line, "", fault))
                    torn_texts.append(text)
                else:
                    assert not isinstance(row, str)
                    lines.append(line)
                    read.append(row)
                    texts.append(text)
                if len(read) + len(torn) >= rows:
                    break
            if not read and not torn:
                return
            fields = list(zip(*read, strict=True)) if read else [()] * width
            columns = {name: fields[place] for name, place in places.items()}
            whole = partial(_whole, WholeRow(header, "", dialect.encoding), (lines, torn), (texts, torn_texts))
            yield Chunk(lines, columns, torn, stream.tell(), whole)


def _whole(
    of_file: WholeRow,
    read: tuple[Sequence[int], Sequence[RejectedRow]],
    texts: tuple[Sequence[str], Sequence[str]],
    lines: Sequence[int],
) -> list[WholeRow]:
    """The rows at these lines as they stand in the file; made where a row is rejected, and only there."""
    places = [*read[0], *(row.line for row in read[1])]
    found = dict(zip(places, [*texts[0], *texts[1]], strict=True))
    return [replace(of_file, row=found[line]) for line in lines]


class _Rows(Iterator[tuple[int, list[str] | str, str]]):
    """The rows of a file: the line that each begins on, its fields, its text; a text for the fields says what is wrong.

    When a row cannot be read, only its first line is given up: reading goes on with the line after it.
    """

    def __init__(self, lines: Iterator[str], dialect: Dialect) -> None:
        self._lines, self._dialect = lines, dialect
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._line = 1
        self._reader = self._new_reader()

    def __next__(self) -> tuple[int, list[str] | str, str]:
        while True:
            try:
                row: list[str] | str = next(self._reader)
            except csv.Error as fault:
                row = self._give_up(str(fault))
            taken = self._taken
            line, self._line = self._line, self._line + len(taken)
            text = taken[0] if len(taken) == 1 else "".join(taken)
            taken.clear()
            if row:
                return line, row, text

    def _give_up(self, fault: str) -> str:
        self._again.extendleft(reversed(self._taken[1:]))
        del self._taken[1:]
        self._reader = self._new_reader()
        return fault

    def _new_reader(self) -> Iterator[list[str]]:
        return csv.reader(self._feed(), delimiter=self._dialect.delimiter, quotechar=self._dialect.quote, strict=True)

    def _feed(self) -> Iterator[str]:
        while True:
            if len(self._taken) >= ROW_LINES_MAX:
                raise csv.Error(f"a quote was not closed within {ROW_LINES_MAX} lines")
            line = self._again.popleft() if self._again else next(self._lines, None)
            if line is None:
                return
            self._taken.append(line)
            yield line


def _lines(name: str, stream: BinaryIO, dialect: Dialect) -> Iterator[str]:
    """The decoded lines. Split as bytes, because `str.splitlines` also splits at characters that are no line breaks."""
    for number in itertools.count(1):
        line = stream.readline(LINE_BYTES_MAX + 1)
        if not line:
            return
        if len(line) > LINE_BYTES_MAX:
            raise InvalidInput(f"{name} line {number} is longer than {LINE_BYTES_MAX} bytes: this is no CSV file")
        try:
            text = line.decode(dialect.encoding)
        except UnicodeDecodeError as fault:
            raise InvalidInput(
                f"{name} line {number} is not {dialect.encoding}: byte {line[fault.start]:#04x} at column "
                f'{fault.start + 1}; say what it is in the mapping, such as [csv] encoding = "cp1250"'
            ) from fault
        yield text.removeprefix("\ufeff") if number == 1 else text
