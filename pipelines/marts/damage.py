"""Damage under a build: which file of the lake is behind what could not be read, or does not agree."""

from collections.abc import Iterable, Iterator

from lake.delta.damage import first_damage
from lake.errors import DamagedLake
from lake.tables import Lake
from ledger.kernel.record import Record
from ledger.records import STREAMED
from pipelines.marts.sources import PinnedBook


def tables_of(cuts: Iterable[PinnedBook]) -> Iterator[tuple[str, type[Record]]]:
    """Every table that a build reads at these cuts: the name of its book, and its record."""
    for cut in cuts:
        for record in STREAMED:
            yield cut.book_name, record


def explained(lake: Lake, cut: PinnedBook, found: str) -> str:
    """What a check found in a book, behind the first damaged file of it; where all are sound, who can name the rows."""
    try:
        damages = (first_damage(lake, book_name, record) for book_name, record in tables_of([cut]))
        damage = next((damage for damage in damages if damage), None)
    except DamagedLake as broken:
        damage = str(broken)
    return f"{damage or 'cofferdam verify names the rows'}; {' '.join(found.split())[:1000]}"
