"""Chunks: some rows of a file as columns of text, with the line of each and the lines that could not be read."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

from ledger.kernel.errors import InvalidInput
from pipelines.imports.sources import Columns, Fault


class RejectedRow(NamedTuple):
    """A row that was not imported: its line (in Parquet its row, from 1), its external id where it has one, and why."""

    line: int
    external_id: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows in the order of the file; `bytes_done` is how much of the file is read with them, for the progress.

    `whole` gives rows by their lines as they stand in the file, with columns that no mapping asked for; it may read the
    file again, so that only rejected rows cost anything.
    """

    lines: Sequence[int]
    columns: Columns
    torn: Sequence[RejectedRow]
    bytes_done: int
    whole: "Callable[[Sequence[int]], list[WholeRow]]"


@dataclass(frozen=True, slots=True)
class WholeRow:
    """A row as it stands in its file, enough to import it again by another mapping: its CSV text, or its columns."""

    header: str = ""
    row: str = ""
    encoding: str = ""
    columns: Mapping[str, str] | None = None

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
    """A file that was found to have what its mapping needs; `chunks` reads it anew, so many rows at a time."""

    path: Path
    size_bytes: int
    chunks: Callable[[int], Iterator[Chunk]]


def require_columns(path: Path, needed: Sequence[str], found: Sequence[str]) -> None:
    """Raise `InvalidInput` for the first column that a file lacks, or has twice."""
    for name in needed:
        if name not in found:
            raise InvalidInput(f"{path.name} has no column {name!r}; it has: {', '.join(found) or 'none'}")
        if found.count(name) > 1:
            raise InvalidInput(f"{path.name} has two columns {name!r}; give each a name of its own")
