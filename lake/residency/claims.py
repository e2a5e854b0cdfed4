"""Claims: what a root of the lake itself says of whose books lie in it, so that no setting can say otherwise.

Two kinds of small objects under `<root>/_residency/`, each put once and never changed:

    zone             the zone whose books lie here: `default`, or a jurisdiction
    elsewhere-EU     books under EU have a root of their own that is closer to them, and never lie here
"""

from itertools import takewhile
from pathlib import Path
from typing import Final

from deltalake.exceptions import TableNotFoundError

from lake.delta.logs import opened_table
from lake.delta.opening import JURISDICTION
from lake.delta.store import ObjectStore
from lake.errors import DamagedLake, Misplaced
from lake.residence import zones_of
from lake.tables import Lake, PublishedWatermark
from ledger.tenancy.records import Book

DEFAULT: Final = "default"
"""What the claim of the default root says."""

CLAIMS: Final = "_residency"
"""The folder of claims in a root; no book can have this name."""


def claim(lake: Lake) -> None:
    """Put the claims of a root that has none yet. Raises `Misplaced` for another zone's root, and `OSError`."""
    store, zone = ObjectStore(lake, f"{lake.url}/{CLAIMS}"), lake.residents.zone or DEFAULT
    if not store.put_new("zone", zone.encode()) and (stated := store.get("zone").decode()) != zone:
        raise Misplaced(f"{lake.url} was claimed for the books of {stated} meanwhile; give each zone a root of its own")
    for other in sorted(lake.residents.elsewhere):
        store.put_new(_elsewhere(other), other.encode())


def claimed_zone(lake: Lake) -> str | None:
    """The zone whose books a root says it holds; None where nothing has claimed it. Raises `OSError`."""
    return _read(lake, "zone")


def zone_elsewhere(lake: Lake, book: Book) -> str | None:
    """The zone whose root is closer to a book, as this root says; None where it says so of none. Raises `OSError`."""
    closer = takewhile(lambda zone: zone != lake.residents.zone, zones_of(book.jurisdiction))
    return next((zone for zone in closer if _read(lake, _elsewhere(zone)) is not None), None)


def stated_jurisdiction(lake: Lake, book: Book) -> str | None:
    """What the tables of a book in a root say they are under: `""` where they do not say, None where there are none.

    A damaged log says nothing: who opens it to write is told of the damage. Raises `OSError`, `DeltaError`.
    """
    try:
        table = opened_table(lake, book.name, PublishedWatermark)
    except TableNotFoundError:
        return None
    except DamagedLake:
        return ""
    return str(table.metadata().configuration.get(JURISDICTION) or "")


def _elsewhere(zone: str) -> str:
    return f"elsewhere-{zone}"


def _read(lake: Lake, name: str) -> str | None:
    if lake.is_local and not Path(lake.url, CLAIMS).exists():
        return None  # to open a folder as a store makes it
    try:
        return ObjectStore(lake, f"{lake.url}/{CLAIMS}").get(name).decode()
    except FileNotFoundError:
        return None
