"""Move the journal into the lake, once or as long as it runs."""

import logging
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import Progress

from cofferdam.directory import bring_up, servers
from lake.residency.zones import Zones
from lake.tables import Lake
from ledger.kernel.errors import InvalidInput, Unavailable
from ledger.kernel.operations import note_failure
from ledger.kernel.settings import Settings
from ledger.tenancy.directory import BookLocation, Server
from pipelines.imports.adoption import try_to_adopt
from pipelines.silver.rebuild import SILVER_NAMES, rebuild_silver
from pipelines.silver.refresh import refresh_silver
from pipelines.stream.faults import Watch
from pipelines.stream.rebuild import bronze_named, rebuild
from pipelines.stream.residency import settle, settled_lake
from pipelines.stream.worker import run, stream_once

_LOOK_SECONDS: Final = 1


def command(
    *,
    once: Annotated[bool, typer.Option("--once", help="End when everything accepted so far is there.")] = False,
    server: Annotated[
        int | None, typer.Option(help="Only this server's books: 1 is the default one, others as in the directory.")
    ] = None,
    book: Annotated[
        str | None,
        typer.Option(
            "--rebuild", metavar="BOOK", help="Make this book's lake anew from the ledger, or one TABLE of it."
        ),
    ] = None,
    table: Annotated[str | None, typer.Argument(metavar="TABLE", help="With --rebuild: only this table.")] = None,
) -> None:
    """Move the journal of every book of every server into the lake, and go on with what follows."""
    settings = Settings.from_process()
    if book is not None:
        _rebuild(settings, book, table)
        return
    if table is not None:
        raise InvalidInput(f"a table alone is made anew only: cofferdam stream --rebuild BOOK {table}")
    with servers(settings) as found:
        chosen = _chosen(found.servers(), server)
        if once:
            bring_all(chosen, Zones.of(settings), Console(stderr=True))
        else:
            _follow(chosen, settings)


def bring_all(chosen: Sequence[Server], zones: Zones, console: Console) -> None:
    """Bring every book's journal as it stands now into the lake, and its silver there; with a progress bar per book.

    Raises `Misplaced` before anything is written where a book would lie in a wrong root; and `Unavailable` in the end
    where a server did not answer: the books of the others are there then.
    """
    places, away = _found(chosen)
    settle(zones, places)
    with Progress(console=console) as bars:
        for place in places:
            try_to_adopt(place.engine, zones, place.book)
            _bring(place, zones.lake_of(place.book), bars)
    if away:
        raise Unavailable("; ".join(away))


class Noted(logging.Handler):
    """Brings each warning of the stream to the console of `cofferdam up`, beside the log."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(logging.WARNING)
        self._settings = settings

    def emit(self, record: logging.LogRecord) -> None:
        """Note the line; what it is about is in the log also where the home cannot be written."""
        with suppress(OSError):
            note_failure(self._settings, record.name.rsplit(".", 1)[-1], record.getMessage())


def _found(chosen: Sequence[Server]) -> tuple[list[BookLocation], list[str]]:
    """The books of the servers that answer, and what is said of those that do not."""
    places: list[BookLocation] = []
    away: list[str] = []
    for server in chosen:
        try:
            bring_up(server)
            places += server.places()
        except Unavailable as reason:
            away.append(str(reason))
    return places, away


def _bring(place: BookLocation, lake: Lake, bars: Progress) -> None:
    book = place.book
    bar = bars.add_task(f"{book.name} into the lake", total=None)
    streamed = stream_once(
        place.engine, lake, book, progress=lambda done, total: bars.update(bar, completed=done, total=total)
    )
    refresh_silver(place.engine, lake, book)
    bars.update(bar, description=f"{book.name} into the lake, position {streamed.seq:,}", total=1, completed=1)


def _rebuild(settings: Settings, name: str, table: str | None) -> None:
    """Make a book's lake anew, or a table; silver always, for it follows from the others."""
    records = () if table in SILVER_NAMES else bronze_named(table)
    with servers(settings) as found, Progress(console=Console(stderr=True)) as bars:
        for server in found.servers():
            with suppress(Unavailable):
                bring_up(server)
        place, zones = found.place_of(name), Zones.of(settings)
        lake = settled_lake(zones, place)
        try_to_adopt(place.engine, zones, place.book)
        what = f"{table} of {name}" if table else name
        bar = bars.add_task(f"{what} is made anew", total=None)
        if records:
            rebuild(
                place.engine, lake, place.book, records,
                progress=lambda done, total: bars.update(bar, completed=done, total=total),
            )  # fmt: skip
        rebuild_silver(place.engine, lake, place.book)
        bars.update(bar, description=f"{what} is made anew and equals the ledger", total=1, completed=1)


def _chosen(found: Sequence[Server], number: int | None) -> Sequence[Server]:
    if number is None:
        return found
    if not 1 <= number <= len(found):
        raise InvalidInput(f"there is no server {number}; there are: {', '.join(server.name for server in found)}")
    return [found[number - 1]]


def _follow(chosen: Sequence[Server], settings: Settings) -> None:
    """Follow each server in a thread of its own: one that is away, or slow, holds up none of the others.

    Raises `Misplaced` at the start for the books that are known then; of a later one, its worker says so.
    """
    zones = Zones.of(settings)
    places, _ = _found(chosen)
    with suppress(Unavailable):  # a root that is away holds up its books only: each is asked again when it is opened
        settle(zones, places)
    for name in ("cofferdam.stream", "cofferdam.lake", "cofferdam.imports"):
        logging.getLogger(name).addHandler(Noted(settings))
    for place in places:
        try_to_adopt(place.engine, zones, place.book)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    with ThreadPoolExecutor(len(chosen), thread_name_prefix="stream") as workers:
        running = {workers.submit(_follow_server, server, zones, stop) for server in chosen}
        while running:  # with an end to each wait: a signal that comes right before one is heard only after it
            ended, running = wait(running, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
            for each in ended:
                stop.set()  # a worker ends when it is told to, or by a fault that it does not know: then all end
                each.result()


def _follow_server(server: Server, zones: Zones, stop: threading.Event) -> None:
    watch = Watch("nothing is lost, trying again")
    while not stop.is_set():
        try:
            bring_up(server)
        except Unavailable as fault:
            stop.wait(watch.faulty(None, server.name, fault))
        else:
            break
    run(server, zones, stop=stop)
