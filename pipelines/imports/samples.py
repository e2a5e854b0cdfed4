"""Samples: guesses the format of a CSV file from its beginning, for a draft mapping."""

import codecs
import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.kernel.errors import InvalidInput
from pipelines.imports.dialects import Dialect
from pipelines.imports.lines import marked_encoding

_BYTES: Final = 1 << 18
_DELIMITERS: Final = ";,\t|"
_VALUE: Final = re.compile(r"[-+(]?[0-9][0-9.,:/ '()-]*")
"""A field that reads like a number or a date, as no header field does."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The columns of a file with its first rows, and the mapping lines that declare its format."""

    names: Sequence[str]
    rows: Sequence[Sequence[str]]
    csv: Sequence[str]


def csv_sample(file: Path) -> Sample:
    """Sample the beginning of a file. Raises `InvalidInput`, `OSError`."""
    with file.open("rb") as stream:
        start = stream.read(_BYTES)
        is_whole = not stream.read(1)
    encoding = _encoding(start)
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(start).removeprefix("\ufeff")
    lines = text.splitlines(keepends=True) if is_whole else text.splitlines(keepends=True)[:-1]
    sep = re.fullmatch(r'"?sep=(.)"?', lines[0].strip("\r\n"), re.IGNORECASE) if lines else None
    delimiter = sep[1] if sep else _delimiter(lines)
    rows = list(_numbered(lines, delimiter))
    width = _width([row for _, row in rows])
    header = next((at for at, (_, row) in enumerate(rows) if _is_header(row, width)), None)
    body = rows if header is None else rows[header + 1 :]
    names = [f"column {at}" for at in range(1, width + 1)] if header is None else rows[header][1]
    fitting = [row[: len(names)] for _, row in body if len(row) == width]
    trims = any(field != field.strip() for row in (names, *fitting) for field in row)
    names = [name.strip() for name in names]
    if not fitting:
        raise InvalidInput(f"{file.name} has no rows of one width from which a mapping could be drafted")
    before = (rows[header][0] if header is not None else body[0][0] if body else 1) - 1 - bool(sep)
    after = _footer([row for _, row in body], width) if is_whole else 0
    found = Dialect(
        delimiter,
        encoding=encoding,
        has_sep_line=bool(sep),
        skip_lines=before,
        footer_lines=after,
        columns=tuple(names) if header is None else (),
        ends_in_delimiter=len(names) < width,
        trims=trims,
    )
    return Sample(_unique(names), fitting, tuple(_csv_lines(found)))


def _encoding(start: bytes) -> str:
    marked = marked_encoding(start)
    if marked is not None:
        return marked
    if start[1:2] == b"\0" or start[:1] == b"\0":
        return "utf-16-be" if start[:1] == b"\0" else "utf-16-le"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _delimiter(lines: Sequence[str]) -> str:
    """Return the delimiter by which most lines have the same number of fields, weighed by that number."""
    return max(_DELIMITERS, key=lambda each: _weight([row for _, row in _numbered(lines, each)]))


def _weight(rows: Sequence[Sequence[str]]) -> int:
    counts = Counter(len(row) for row in rows if len(row) > 1)
    return max((width * count for width, count in counts.items()), default=0)


def _width(rows: Sequence[Sequence[str]]) -> int:
    counts = Counter(len(row) for row in rows)
    return max(counts, key=lambda width: (width > 1, width * counts[width]), default=0)


def _is_header(row: Sequence[str], width: int) -> bool:
    full = [field for field in row if field.strip()]
    return (
        len(row) in (width, width - 1)
        and len(full) > width // 2
        and not any(_VALUE.fullmatch(field.strip()) for field in full)
    )


def _footer(rows: Sequence[Sequence[str]], width: int) -> int:
    count = 0
    for row in reversed(rows):
        if len(row) == width:
            break
        count += 1
    return count


def _numbered(lines: Sequence[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the non-blank rows, with their first lines."""
    reader, begins = csv.reader(iter(lines), delimiter=delimiter), 1
    for row in reader:
        if row:
            yield begins, row
        begins = reader.line_num + 1


def _unique(names: Sequence[str]) -> list[str]:
    """Return the names as a mapping refers to them: a repeated name with its number, an empty one by its index."""
    found = []
    for at, name in enumerate(names, 1):
        if not name.strip():
            found.append(f"#{at}")
        elif list(names).count(name) > 1:
            found.append(f"{name}#{list(names[:at]).count(name)}")
        else:
            found.append(name)
    return found


def _csv_lines(dialect: Dialect) -> Iterator[str]:
    yield "[csv]"
    yield f"delimiter = {json.dumps(dialect.delimiter)} # guess"
    yield f'encoding = "{dialect.encoding}" # guess'
    if dialect.has_sep_line:
        yield "sep_line = true # guess"
    if dialect.skip_lines:
        yield f"skip_lines = {dialect.skip_lines} # guess: lines before the header"
    if dialect.footer_lines:
        yield f"footer_lines = {dialect.footer_lines} # guess: lines behind the last row"
    if dialect.ends_in_delimiter:
        yield "trailing_delimiter = true # guess"
    if dialect.trims:
        yield "trim = true # guess: blanks at both ends of fields are no part of them"
    if dialect.columns:
        yield f"columns = {json.dumps(dialect.columns)} # guess: the file has no header"
    yield ""
