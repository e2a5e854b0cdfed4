"""Damage: finds the damaged lake file behind a failed read or comparison of a build."""

from collections.abc import Iterable, Iterator

from lake.delta.damage import first_damage
from lake.errors import DamagedLake
from lake.tables import Lake
from ledger.kernel.record import Record
from ledger.records import STREAMED
from pipelines.marts.sources import PinnedBook


def tables_of(cuts: Iterable[PinnedBook]) -> Iterator[tuple[str, type[Record]]]:
    """Yield every table that a build reads at these watermarks: its book's name, and its record."""
    for cut in cuts:
        for record in STREAMED:
            yield cut.book_name, record


def explained(lake: Lake, cut: PinnedBook, found: str) -> str:
    """Prefix a check's finding with the first damaged file of the book, or with the command that lists the rows."""
    try:
        damages = (first_damage(lake, book_name, record) for book_name, record in tables_of([cut]))
        damage = next((damage for damage in damages if damage), None)
    except DamagedLake as broken:
        damage = str(broken)
    return f"{damage or 'cofferdam verify names the rows'}; {' '.join(found.split())[:1000]}"
