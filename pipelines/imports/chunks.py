"""Chunks: rows of a file as columns of text, with the line of each row, and the lines that could not be read."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, Self

from ledger.kernel.errors import InvalidInput
from pipelines.imports.sources import Columns, Fault, Text


class RejectedRow(NamedTuple):
    """A rejected row: its line (in Parquet its row number, from 1), its external id if it has one, and the reason."""

    line: int
    external_id: str
    fault: Fault


class OutsideLine(NamedTuple):
    """A line that is neither header nor row; `is_named` is true if its text identifies it, and not its place."""

    line: int
    fields: Sequence[str]
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows in the order of the file; `bytes_done` is the number of bytes read so far, for the progress.

    `whole` returns rows by line as they are in the file, with all columns; it may read the file again, so that only
    rejected rows cost time. `numbers` are the columns of numbers, which have no declared format; `skipped` counts lines
    that the dialect excludes. `occurrences` are known if the rows were taken out of their file.
    """

    lines: Sequence[int]
    columns: Columns
    torn: Sequence[RejectedRow]
    bytes_done: int
    whole: "Callable[[Sequence[int]], list[WholeRow]]"
    numbers: frozenset[str] = frozenset()
    skipped: int = 0
    occurrences: Sequence[Text] | None = None


@dataclass(frozen=True, slots=True)
class WholeRow:
    """A row as it is in its file, enough to import it again by another mapping: its CSV text, or its columns.

    `numbers` are its columns of numbers. `occurrence` is its index, from 1, among the file's rows with the same id, if
    the id counts them; `counted_by` is the declaration of that id.
    """

    header: str = ""
    row: str = ""
    encoding: str = ""
    columns: Mapping[str, str] | None = None
    numbers: Sequence[str] = ()
    occurrence: int = 0
    counted_by: str = ""

    def as_text(self) -> str:
        """Return the row as JSON text, to be sealed."""
        held = {name: value for name in self.__slots__ if (value := getattr(self, name))}
        return json.dumps(held, ensure_ascii=False)

    @classmethod
    def of_text(cls, text: str) -> Self:
        """Parse a row from its JSON text."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """A file that has the columns of its mapping; `chunks` reads it from the start, a number of rows at a time.

    `outside` yields the lines beside header and rows, each as its fields; `uncounted` are those of them that were
    excluded by their place alone, if they have the fields of a row.
    """

    path: Path
    size_bytes: int
    chunks: Callable[[int], Iterator[Chunk]]
    outside: Callable[[], Iterator[OutsideLine]] = lambda: iter(())
    uncounted: Callable[[], Chunk] | None = None


def places_of(path_name: str, needed: Sequence[str], found: Sequence[str]) -> dict[str, int]:
    """Return the index of each column: `b` is the one with that name, `b#2` the second of them, `#5` the fifth of all.

    Raises `InvalidInput` for the first name that a file lacks, or has more than once.
    """
    places = {}
    for name in needed:
        place = place_of(name, found)
        if place is None:
            has = ", ".join(found) or "none"
            hint = "; say [csv] sep_line = true" if found and found[0].lower().startswith("sep=") else ""
            raise InvalidInput(f"{path_name} has no column {name!r}; it has: {has}{hint}")
        if found.count(name) > 1:
            raise InvalidInput(
                f"{path_name} has two columns {name!r}; give each a name of its own, or say '{name}#1' for the first"
            )
        places[name] = place
    return places


def place_of(name: str, found: Sequence[str]) -> int | None:
    """Return the index of the first column with that name; None if there is none."""
    if name in found:
        return found.index(name)
    of_name, sign, number = name.rpartition("#")
    if not sign or not number.isascii() or not number.isdecimal() or len(number) > _PLACE_DIGITS_MAX:
        return None
    alike = [at for at, each in enumerate(found) if not of_name or each == of_name]
    return alike[int(number) - 1] if 1 <= int(number) <= len(alike) else None


_PLACE_DIGITS_MAX: Final = 5
