"""Residency: makes the journal, the roots and the settings agree on a book's zone before anything is written."""

from collections.abc import Collection
from typing import Final

from lake.residency.zones import Recorded, Zones
from lake.tables import Lake
from ledger.kernel.work import begin, read
from ledger.tenancy.directory import BookLocation
from ledger.tenancy.residency import record_zone, recorded_zone

_ACTOR: Final = "stream"


def settle(zones: Zones, places: Collection[BookLocation]) -> None:
    """Claim the roots for their zones, and record in each book's journal the root of its own that it is in.

    Raises `Misplaced` before anything is written, with all contradictions; `Unavailable` if a root cannot be read.
    """
    recorded = recorded_zones(places)
    zones.settled([place.book for place in places], recorded)
    for place in places:
        zone = zones.of_book(place.book).settings.zone
        if zone is not None and recorded.get(place.book.name) != zone:
            with begin(place.engine, actor=_ACTOR) as work:
                record_zone(work, place.book_id, zone)


def settled_lake(zones: Zones, place: BookLocation) -> Lake:
    """Return the lake to write a book to. Raises the errors of `settle`."""
    settle(zones, [place])
    return zones.lake_of(place.book)


def recorded_zones(places: Collection[BookLocation]) -> Recorded:
    """Return the zone recorded in the journal of each book, by the book's name; books without one are left out."""
    found = {}
    for place in places:
        with read(place.engine) as reader:
            zone = recorded_zone(reader.connection, place.book_id)
        if zone is not None:
            found[place.book.name] = zone
    return found
