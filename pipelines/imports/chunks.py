"""Chunks: some rows of a file as columns of text, with the line of each and the lines that could not be read."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, Self

from ledger.kernel.errors import InvalidInput
from pipelines.imports.sources import Columns, Fault, Text


class RejectedRow(NamedTuple):
    """A row that was not imported: its line (in Parquet its row, from 1), its external id where it has one, and why."""

    line: int
    external_id: str
    fault: Fault


class OutsideLine(NamedTuple):
    """A line of a file that is neither header nor row; `is_named` says that its own text says so, not its place."""

    line: int
    fields: Sequence[str]
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows in the order of the file; `bytes_done` is how much of the file is read with them, for the progress.

    `whole` gives rows by their lines as they stand in the file, with columns that no mapping asked for; it may read the
    file again, so that only rejected rows cost anything. `numbers` are the columns that hold numbers and no text, whose
    form no mapping declares; `skipped` counts rows that the dialect says are none. `occurrences` are known where the
    rows were taken out of their file.
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
    """A row as it stands in its file, enough to import it again by another mapping: its CSV text, or its columns.

    `numbers` are those of its columns that hold numbers. `occurrence` is its place among the rows of its file with an
    equal id, from 1, where the id counts them; `counted_by` is the declaration of that id.
    """

    header: str = ""
    row: str = ""
    encoding: str = ""
    columns: Mapping[str, str] | None = None
    numbers: Sequence[str] = ()
    occurrence: int = 0
    counted_by: str = ""

    def as_text(self) -> str:
        """The row as JSON text, to be sealed."""
        held = {name: value for name in self.__slots__ if (value := getattr(self, name))}
        return json.dumps(held, ensure_ascii=False)

    @classmethod
    def of_text(cls, text: str) -> Self:
        """The row that was so written."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """A file that was found to have what its mapping needs; `chunks` reads it anew, so many rows at a time.

    `outside` reads what stands in it beside header and rows, each line as its fields; `uncounted` are those of these
    lines that were told from rows by their place alone, as far as they have the fields of a row.
    """

    path: Path
    size_bytes: int
    chunks: Callable[[int], Iterator[Chunk]]
    outside: Callable[[], Iterator[OutsideLine]] = lambda: iter(())
    uncounted: Callable[[], Chunk] | None = None


def places_of(path_name: str, needed: Sequence[str], found: Sequence[str]) -> dict[str, int]:
    """Where the columns stand: `b` is the one with that name, `b#2` the second of them, `#5` the fifth of all.

    Raises `InvalidInput` for the first one that a file lacks, or has more than once.
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
    """Where one column stands, the first of that name; None where it does not."""
    if name in found:
        return found.index(name)
    of_name, sign, number = name.rpartition("#")
    if not sign or not number.isascii() or not number.isdecimal() or len(number) > _PLACE_DIGITS_MAX:
        return None
    alike = [at for at, each in enumerate(found) if not of_name or each == of_name]
    return alike[int(number) - 1] if 1 <= int(number) <= len(alike) else None


_PLACE_DIGITS_MAX: Final = 5
