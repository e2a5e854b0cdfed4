"""Claims: statements in a root of the lake about the books that it holds, so that no setting can contradict them.

Two kinds of small objects under `<root>/_residency/`, each written once and never changed:

    zone             the zone whose books are here: `default`, or a jurisdiction
    elsewhere-EU     books under EU have a closer root of their own, and are never here
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
"""The content of the default root's claim."""

CLAIMS: Final = "_residency"
"""The folder of claims in a root; no book can have this name."""


def claim(lake: Lake) -> None:
    """Write the claims of a root that has none yet. Raises `Misplaced` for another zone's root, and `OSError`."""
    store, zone = ObjectStore(lake, f"{lake.url}/{CLAIMS}"), lake.residents.zone or DEFAULT
    if not store.put_new("zone", zone.encode()) and (stated := store.get("zone").decode()) != zone:
        raise Misplaced(f"{lake.url} was claimed for the books of {stated} meanwhile; give each zone a root of its own")
    for other in sorted(lake.residents.elsewhere):
        store.put_new(_elsewhere(other), other.encode())


def claimed_zone(lake: Lake) -> str | None:
    """Return the zone that a root is claimed for, or None if it is not claimed. Raises `OSError`."""
    return _read(lake, "zone")


def zone_elsewhere(lake: Lake, book: Book) -> str | None:
    """Return the zone with a closer root for a book, according to this root's claims, or None. Raises `OSError`."""
    closer = takewhile(lambda zone: zone != lake.residents.zone, zones_of(book.jurisdiction))
    return next((zone for zone in closer if _read(lake, _elsewhere(zone)) is not None), None)


def stated_jurisdiction(lake: Lake, book: Book) -> str | None:
    """Return the jurisdiction in the tables of a book: `""` if they state none, None if there are no tables.

    A damaged log states none: opening it to write reports the damage. Raises `OSError`, `DeltaError`.
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
        return None  # opening a folder as a store creates it
    try:
        return ObjectStore(lake, f"{lake.url}/{CLAIMS}").get(name).decode()
    except FileNotFoundError:
        return None
