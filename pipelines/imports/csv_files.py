"""CSV files: read line by line, so that a malformed row affects no other row, and every row has its line number.

A columnar reader would be faster per row, but it loses the line numbers at the first quoted line break and the rest of
the block at the first open quote; posting takes ten times as long as this reader either way.
"""

import csv
import io
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, Literal

from ledger.kernel.errors import InvalidInput
from pipelines.imports.chunks import Chunk, HistoryFile, OutsideLine, RejectedRow, WholeRow, place_of, places_of
from pipelines.imports.dialects import Dialect
from pipelines.imports.lines import Body, decoded_lines
from pipelines.imports.rules import Rule
from pipelines.imports.sources import Fault

ROW_LINES_MAX: Final = 100
"""The most lines of a row with quoted line breaks; a longer one means that a quote was never closed."""

_HEADER_ROWS_MAX: Final = 100
"""The number of rows that are searched for a header."""


def open_csv(path: Path, columns: Sequence[str], dialect: Dialect) -> HistoryFile:
    """Open a CSV file with a header that has `columns`. Raises `InvalidInput`, `OSError`."""
    with path.open("rb") as stream:
        names = _begun(path.name, stream, columns, dialect).names
    places = places_of(path.name, columns, names)
    return HistoryFile(
        path,
        path.stat().st_size,
        lambda rows: _chunks(path, places, dialect, rows=rows),
        lambda: _outside(path, columns, dialect),
        partial(_uncounted, path, places, dialect, names) if dialect.cuts_by_place else None,
    )


def columns_again(whole: WholeRow, columns: Sequence[str], dialect: Dialect) -> Mapping[str, str] | Fault:
    """Parse the columns of a row outside of its file, possibly by a corrected dialect."""
    header = "" if dialect.columns else whole.header
    text = f"{header}{whole.row}".encode(whole.encoding)
    try:
        begun = _begun("the row", io.BytesIO(text), (), dialect.of_one_row())
        rows = [row for _, row, _ in begun.rows]
    except InvalidInput:
        return Fault(Rule.MALFORMED_CSV, f"the row is not {dialect.encoding} with a header")
    if len(rows) != 1:
        return Fault(Rule.MALFORMED_CSV, "the row is more or less than one")
    row = _fitted(rows[0], begun.names, dialect)
    if isinstance(row, Fault):
        return row
    places = {name: place_of(name, begun.names) for name in columns}
    missing = [name for name, place in places.items() if place is None]
    if missing:
        return Fault(Rule.MISSING_COLUMN, f"the row's file has no column {missing[0]!r}")
    return {name: _trimmed(row[place], dialect) for name, place in places.items() if place is not None}


@dataclass(frozen=True, slots=True)
class _Begun:
    """A file that is read up to its first row: the names of its columns, and the text of its header."""

    names: Sequence[str]
    header: str
    rows: "_Rows"
    body: Body
    before: Sequence[OutsideLine]


def _begun(name: str, stream: BinaryIO, columns: Sequence[str], dialect: Dialect) -> _Begun:
    """Read up to the first row. Raises `InvalidInput` if there is no header."""
    body = Body(name, decoded_lines(name, stream, dialect), dialect)
    rows = _Rows(body, dialect)
    if dialect.columns:
        return _Begun(dialect.columns, "", rows, body, ())
    passed: list[OutsideLine] = []
    for line, row, text in rows:
        names = [] if isinstance(row, str) else [_trimmed(each, dialect) for each in row]
        if dialect.finds_header and not (names and all(place_of(each, names) is not None for each in columns)):
            passed.append(OutsideLine(line, [] if isinstance(row, str) else row))
            if len(passed) < _HEADER_ROWS_MAX:
                continue
            break
        if not names:
            break
        return _Begun(names, text, rows, body, passed)
    if dialect.finds_header:
        raise InvalidInput(f"{name} has no line among its first {len(passed)} with the columns {', '.join(columns)}")
    raise InvalidInput(f"{name} has no header line that can be read as CSV")


def _fitted(row: Sequence[str] | str, names: Sequence[str], dialect: Dialect) -> Sequence[str] | Fault:
    """Return a row with as many fields as there are columns, or its fault."""
    if isinstance(row, str):
        return Fault(Rule.MALFORMED_CSV, row)
    width = len(names)
    if len(row) == width:
        return row
    if dialect.ends_in_delimiter:
        if len(row) == width + 1 and not row[-1]:
            return row[:-1]
        if len(row) == width - 1 and not names[-1]:
            return [*row, ""]
    return Fault(Rule.MALFORMED_CSV, f"the row has {len(row)} fields, the header has {width}")


def _trimmed(text: str, dialect: Dialect) -> str:
    return text.strip() if dialect.trims else text


def _is_no_row(row: Sequence[str] | str, text: str, dialect: Dialect) -> bool:
    start = text if isinstance(row, str) else row[0]
    return start.lstrip(' \t"').startswith(dialect.skip_beginning)


def _outside(path: Path, columns: Sequence[str], dialect: Dialect) -> Iterator[OutsideLine]:
    """Yield the preamble, excluded rows, and the footer."""
    with path.open("rb") as stream:
        begun = _begun(path.name, stream, columns, dialect)
        yield from (OutsideLine(line, _fields(text, dialect)) for line, text in enumerate(begun.body.preamble, 1))
        yield from begun.before
        for line, row, text in begun.rows:
            if dialect.skip_beginning and _is_no_row(row, text, dialect):
                yield OutsideLine(line, _fields(text, dialect), is_named=True)
        yield from (OutsideLine(line, _fields(text, dialect)) for line, text in begun.body.footer)


def _uncounted(path: Path, places: dict[str, int], dialect: Dialect, names: Sequence[str]) -> Chunk:
    lines: list[int] = []
    read: list[Sequence[str]] = []
    for each in _outside(path, tuple(places), dialect):
        fitted = _fitted(each.fields, names, dialect)
        if not each.is_named and not isinstance(fitted, Fault):
            lines.append(each.line)
            read.append(fitted)
    return Chunk(lines, _columns(read, places, len(names), dialect), (), 0, lambda _: [])


def _fields(text: str, dialect: Dialect) -> Sequence[str]:
    try:
        return next(_reader(iter([text]), dialect, strict=False), [])
    except csv.Error:
        return []


def _chunks(path: Path, places: dict[str, int], dialect: Dialect, *, rows: int) -> Iterator[Chunk]:
    with path.open("rb") as stream:
        begun = _begun(path.name, stream, tuple(places), dialect)
        names = begun.names
        while True:
            lines: list[int] = []
            read: list[Sequence[str]] = []
            torn: list[RejectedRow] = []
            texts: list[str] = []
            torn_texts: list[str] = []
            skipped = 0
            for line, row, text in begun.rows:
                if dialect.skip_beginning and _is_no_row(row, text, dialect):
                    skipped += 1
                    continue
                fitted = _fitted(row, names, dialect)
                if isinstance(fitted, Fault):
                    torn.append(RejectedRow(line, "", fitted))
                    torn_texts.append(text)
                else:
                    lines.append(line)
                    read.append(fitted)
                    texts.append(text)
                if len(read) + len(torn) >= rows:
                    break
            if not read and not torn and not skipped:
                return
            columns = _columns(read, places, len(names), dialect)
            whole = partial(_whole, WholeRow(begun.header, "", dialect.encoding), (lines, torn), (texts, torn_texts))
            yield Chunk(lines, columns, torn, stream.tell(), whole, skipped=skipped)


def _columns(
    read: Sequence[Sequence[str]], places: Mapping[str, int], width: int, dialect: Dialect
) -> dict[str, Sequence[str]]:
    fields = list(zip(*read, strict=True)) if read else [()] * width
    if dialect.trims:
        return {name: [text.strip() for text in fields[place]] for name, place in places.items()}
    return {name: fields[place] for name, place in places.items()}


def _whole(
    of_file: WholeRow,
    read: tuple[Sequence[int], Sequence[RejectedRow]],
    texts: tuple[Sequence[str], Sequence[str]],
    lines: Sequence[int],
) -> list[WholeRow]:
    """Return the rows at these lines as they are in the file; called only for rejected rows."""
    places = [*read[0], *(row.line for row in read[1])]
    found = dict(zip(places, [*texts[0], *texts[1]], strict=True))
    return [replace(of_file, row=found[line]) for line in lines]


class _Rows(Iterator[tuple[int, list[str] | str, str]]):
    """The rows of a file: first line, fields and text of each; a text instead of fields is an error message.

    After an unreadable row, only its first line is skipped: reading continues with the line after it.
    """

    def __init__(self, body: Body, dialect: Dialect) -> None:
        self._lines, self._dialect = body, dialect
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._line = body.first_line
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
        return _reader(self._feed(), self._dialect, strict=True)

    def _feed(self) -> Iterator[str]:
        while True:
            if len(self._taken) >= ROW_LINES_MAX:
                raise csv.Error(f"a quote was not closed within {ROW_LINES_MAX} lines")
            line = self._again.popleft() if self._again else next(self._lines, None)
            if line is None:
                return
            self._taken.append(line)
            yield line


def _reader(lines: Iterator[str], dialect: Dialect, *, strict: bool) -> Iterator[list[str]]:
    quoting: Literal[0, 3] = csv.QUOTE_NONE if dialect.quote is None else csv.QUOTE_MINIMAL
    return csv.reader(lines, delimiter=dialect.delimiter, quotechar=dialect.quote, quoting=quoting, strict=strict)
