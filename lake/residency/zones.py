"""Zones: each root of the lake with the books that belong there, and the only way from a book to its lake."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

from deltalake.exceptions import DeltaError

from lake.errors import Misplaced
from lake.residence import zone_name, zones_of
from lake.residency.claims import CLAIMS, DEFAULT, claim, claimed_zone, stated_jurisdiction, zone_elsewhere
from lake.residency.links import stray_links
from lake.tables import Lake
from ledger.kernel.errors import InvalidInput, Unavailable, one_line
from ledger.kernel.settings import Settings
from ledger.tenancy.records import Book

Recorded = Mapping[str, str]
"""The zone that each book's journal records for its rows, by the book's name; absent if it records none."""

NOTHING_RECORDED: Final[Recorded] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Zone:
    """A root with the books that belong there: its own lake and, by `settings`, its own cache and warehouse."""

    settings: Settings
    lake: Lake

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the zone of the settings."""
        return cls(settings, Lake.of(settings))

    @property
    def name(self) -> str:
        """The jurisdiction, or `default`."""
        return self.settings.zone or DEFAULT

    @property
    def variable(self) -> str:
        """The setting that names its root."""
        return "COFFERDAM_LAKE_URL" + (f"_{self.settings.zone}" if self.settings.zone else "")


class Zones:
    """All zones of an installation, the default one first: it holds the books of jurisdictions without a root."""

    def __init__(self, zones: Sequence[Zone]) -> None:
        self._zones = {zone.name: zone for zone in zones}

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the zones that the settings name."""
        return cls([Zone.of(settings.in_zone(name)) for name in (None, *settings.roots)])

    def __iter__(self) -> Iterator[Zone]:
        return iter(self._zones.values())

    def named(self, name: str) -> Zone:
        """Return the zone of a name; a jurisdiction without a root of its own has none. Raises `InvalidInput`."""
        zone = self._zones.get(name if name == DEFAULT else zone_name(name))
        if zone is None:
            raise InvalidInput(f"there is no zone {name!r}; there are: {', '.join(self._zones)}")
        return zone

    def of_book(self, book: Book) -> Zone:
        """Return the zone that a book belongs to: the closest one that contains its jurisdiction."""
        named = (self._zones[zone] for zone in zones_of(book.jurisdiction) if zone in self._zones)
        return next(named, self._zones[DEFAULT])

    def lake_of(self, book: Book) -> Lake:
        """Return the lake that a book belongs in, to read it."""
        return self.of_book(book).lake

    def settled(self, books: Iterable[Book], recorded: Recorded = NOTHING_RECORDED) -> None:
        """Claim every root for its zone, after checking the books there; writes nothing if there is a fault.

        Raises `Misplaced`, which names all faults, and `Unavailable` if a root cannot be read.
        """
        try:
            if wrong := list(self.faults(books, recorded)):
                raise Misplaced("; ".join(wrong))
            for zone in self:
                claim(zone.lake)
        except (OSError, DeltaError) as fault:
            raise Unavailable(f"the claim of a root cannot be read: {one_line(fault)}") from fault

    def faults(self, books: Iterable[Book], recorded: Recorded = NOTHING_RECORDED) -> Iterator[str]:
        """Yield contradictions between settings, roots, journals and the locations of rows, one line each; only reads.

        Raises `OSError` and `DeltaError` if a root cannot be read.
        """
        for zone in self:
            stated = claimed_zone(zone.lake)
            if stated not in (None, zone.name):
                right = "COFFERDAM_LAKE_URL" + ("" if stated == DEFAULT else f"_{stated}")
                yield (
                    f"{zone.lake.url} holds the books of zone {stated}, and {zone.variable} names it for those of zone "
                    f"{zone.name}; let {right} name it, and {zone.variable} the root of zone {zone.name}"
                )
            for link in stray_links(zone.lake, CLAIMS):
                yield _stray(zone, link)
        for book in books:
            yield from self.faults_of(book, recorded.get(book.name))

    def faults_of(self, book: Book, recorded: str | None) -> Iterator[str]:
        """Yield the faults of one book, given the zone in its journal, without those of whole roots."""
        yield from self._misplaced(book)
        yield from self._forgotten(book, recorded)

    def _forgotten(self, book: Book, zone: str | None) -> Iterator[str]:
        """Check that the zone in a book's journal has a root in the settings."""
        home = self.of_book(book)
        if zone is not None and zone not in zones_of(home.name):
            yield (
                f"book {book.name}: its journal says that its rows are in the root of zone {zone}, and by the settings "
                f"they would lie in {home.lake.url}; let COFFERDAM_LAKE_URL_{zone} name the root of zone {zone}"
            )

    def _misplaced(self, book: Book) -> Iterator[str]:
        home, who = self.of_book(book), f"book {book.name} is under {book.jurisdiction}"
        for link in stray_links(home.lake, book.name):
            yield _stray(home, link)
        if (closer := zone_elsewhere(home.lake, book)) is not None:
            own = f"COFFERDAM_LAKE_URL_{closer}"
            yield f"{who}, whose books do not belong in {home.lake.url}; let {own} name the root where they lie"
        for zone in self:
            stated = stated_jurisdiction(zone.lake, book)
            if stated is None:
                continue
            if zone is not home:
                yield (
                    f"{who}, and rows of it lie in {zone.lake.url}, the root of zone {zone.name}; "
                    f"its root is {home.lake.url}: mend {home.variable}, or move the folder {book.name} there"
                )
            elif stated not in ("", book.jurisdiction):
                yield (
                    f"{who}, and {zone.lake.url}/{book.name} holds a book of that name under {stated}; "
                    "a name is of one book: mend the directory, or point "
                    f"{zone.variable} at this book's own root"
                )


def _stray(zone: Zone, link: Path) -> str:
    return (
        f"{link} is a link out of {zone.lake.url}, the root of zone {zone.name}: rows would lie where no setting names "
        f"a root; put the folder itself there, or let {zone.variable} name the place that the link leads to"
    )
