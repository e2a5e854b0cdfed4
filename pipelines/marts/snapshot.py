"""The snapshot: takes one watermark per book, up to date with the journals, at which a build reads a zone's lake."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from lake.bronze.read import watermark
from lake.residency.zones import Zone, Zones
from lake.tables import Lake
from ledger.kernel.errors import InvalidInput
from ledger.tenancy.directory import BookLocation, Directory, Server
from pipelines.marts.sources import PinnedBook, warehouse_number
from pipelines.stream.residency import settle
from pipelines.stream.worker import stream_once

AWAY: Final = "servers away"
"""The metadata key for servers that did not answer; no book can have this name."""

Standing = Callable[[], Sequence[PinnedBook]]
"""Returns the watermarks of the published warehouse."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The watermark of every book that has a fact, in the order of their numbers; and the skipped servers."""

    cuts: list[PinnedBook]
    away: list[str]


def take_snapshot(directory: Directory, zones: Zones, zone: Zone, standing: Standing = list) -> Snapshot:
    """Return a watermark of every book of a zone that has a fact, at or after its journal's position at the call.

    Streams the missing facts, or waits for the worker that streams them. Books of a server that does not answer stay at
    the watermark of the `standing` warehouse. Raises `Unavailable` if the default server does not answer or a worker
    makes no progress, `InvalidInput` if two books have the same name, and, before anything is written, `Misplaced`.
    """
    directory.names()
    away: dict[Server, str] = {}
    places = list(directory.places(lambda server, reason: away.update({server: str(reason)})))
    settle(zones, places)
    cuts = [cut for server in away for cut in standing() if cut.book_name in server.placed]
    ours = (place for place in places if zones.of_book(place.book) is zone)
    cuts += [cut for place in ours if (cut := _cut(directory, zone.lake, place)) is not None]
    _require_apart(cuts)
    return Snapshot(sorted(cuts, key=lambda cut: cut.book_id), list(away.values()))


def _cut(directory: Directory, lake: Lake, place: BookLocation) -> PinnedBook | None:
    stream_once(place.engine, lake, place.book)
    mark = watermark(lake, place.book.name)
    if mark is None:
        return None
    number = warehouse_number(place.book, is_on_default=directory.is_on_default(place.book.name))
    return PinnedBook(number, place.book.name, mark)


def _require_apart(cuts: Sequence[PinnedBook]) -> None:
    names: dict[int, str] = {}
    for cut in cuts:
        other = names.setdefault(cut.book_id, cut.book_name)
        if other != cut.book_name:
            raise InvalidInput(f"books {other} and {cut.book_name} get one number in the warehouse; rename one of them")
