"""Zones: each root of the lake with the books that belong there, and the only way from a book to its lake."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from deltalake.exceptions import DeltaError

from lake.claims import DEFAULT, claim, claimed_zone, is_closed_to, stated_jurisdiction
from lake.errors import Misplaced
from lake.residence import zone_name
from lake.tables import Lake
from ledger.kernel.errors import InvalidInput, Unavailable
from ledger.kernel.settings import Settings
from ledger.records.books import Book


@dataclass(frozen=True, slots=True)
class Zone:
    """A root with the books that belong there: its own lake and, by `settings`, its own cache and warehouse."""

    settings: Settings
    lake: Lake

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The zone that the settings are narrowed to."""
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
        """The zones that the settings name."""
        return cls([Zone.of(settings.in_zone(name)) for name in (None, *settings.roots)])

    def __iter__(self) -> Iterator[Zone]:
        return iter(self._zones.values())

    def named(self, name: str) -> Zone:
        """The zone of a name; a jurisdiction that has no root of its own has no zone. Raises `InvalidInput`."""
        zone = self._zones.get(name if name == DEFAULT else zone_name(name))
        if zone is None:
            raise InvalidInput(f"there is no zone {name!r}; there are: {', '.join(self._zones)}")
        return zone

    def of_book(self, book: Book) -> Zone:
        """The zone that a book belongs to."""
        return self._zones.get(zone_name(book.jurisdiction)) or self._zones[DEFAULT]

    def lake_of(self, book: Book) -> Lake:
        """The lake that a book belongs in, to read it."""
        return self.of_book(book).lake

    def settled(self, books: Iterable[Book]) -> None:
        """Claim every root for its zone, once nothing speaks against the books there. Nothing is written before.

        Raises `Misplaced`, which names all that is wrong, and `Unavailable` where a root cannot be read.
        """
        try:
            if wrong := list(self.faults(books)):
                raise Misplaced("; ".join(wrong))
            for zone in self:
                claim(zone.lake)
        except (OSError, DeltaError) as fault:
            reason = " ".join(str(fault).split())[:300]
            raise Unavailable(f"a root of the lake does not say whose books lie in it: {reason}") from fault

    def settled_lake(self, book: Book) -> Lake:
        """The lake of a book, to write to it. Raises what `settled` raises."""
        self.settled([book])
        return self.lake_of(book)

    def faults(self, books: Iterable[Book]) -> Iterator[str]:
        """Where settings contradict what a root says, or where a book's rows lie: one line each; only reads.

        Raises `OSError` and `DeltaError` where a root cannot be read.
        """
        for zone in self:
            stated = claimed_zone(zone.lake)
            if stated not in (None, zone.name):
                right = "COFFERDAM_LAKE_URL" + ("" if stated == DEFAULT else f"_{stated}")
                yield (
                    f"{zone.lake.url} holds the books of zone {stated}, and {zone.variable} names it for those of zone "
                    f"{zone.name}; let {right} name it, and {zone.variable} the root of zone {zone.name}"
                )
        for book in books:
            yield from self._faults_of(book)

    def _faults_of(self, book: Book) -> Iterator[str]:
        home, who = self.of_book(book), f"book {book.name} is under {book.jurisdiction}"
        own = f"COFFERDAM_LAKE_URL_{zone_name(book.jurisdiction)}"
        if home.settings.zone is None and is_closed_to(home.lake, book):
            yield f"{who}, whose books never lie in {home.lake.url}; let {own} name the root where they lie"
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
