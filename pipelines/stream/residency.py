"""Residency: before a byte of a book is written, its journal, the roots and the settings agree on where it lies."""

from collections.abc import Collection
from typing import Final

from lake.residency.zones import Recorded, Zones
from lake.tables import Lake
from ledger.kernel.work import begin, read
from ledger.tenancy.directory import BookLocation
from ledger.tenancy.residency import record_zone, recorded_zone

_ACTOR: Final = "stream"


def settle(zones: Zones, places: Collection[BookLocation]) -> None:
    """Claim the roots for their zones, and let the journal of each book in a root of its own say so.

    Raises `Misplaced` before anything is written, with all that is wrong; `Unavailable` where a root cannot be read.
    """
    recorded = recorded_zones(places)
    zones.settled([place.book for place in places], recorded)
    for place in places:
        zone = zones.of_book(place.book).settings.zone
        if zone is not None and recorded.get(place.book.name) != zone:
            with begin(place.engine, actor=_ACTOR) as work:
                record_zone(work, place.book_id, zone)


def settled_lake(zones: Zones, place: BookLocation) -> Lake:
    """The lake of a book, to write to it. Raises what `settle` raises."""
    settle(zones, [place])
    return zones.lake_of(place.book)


def recorded_zones(places: Collection[BookLocation]) -> Recorded:
    """What the journal of each book says, by the book's name; those that say nothing are left out."""
    found = {}
    for place in places:
        with read(place.engine) as reader:
            zone = recorded_zone(reader.connection, place.book_id)
        if zone is not None:
            found[place.book.name] = zone
    return found
