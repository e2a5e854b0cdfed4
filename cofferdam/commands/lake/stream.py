"""Stream the journal into the lake, once or continuously."""

import logging
import signal
import socket
import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import Progress

from cofferdam.directory import bring_up, servers
from cofferdam.metrics.collectors import ProcessCollector, SharedCollector
from cofferdam.metrics.listener import PORT, metrics_served
from cofferdam.metrics.stream_families import STREAM_METRICS
from cofferdam.runtime.ports import held_port
from cofferdam.tracing.endpoint import traced
from lake.residency.zones import Zones
from lake.tables import Lake
from ledger.kernel.errors import InvalidInput, Unavailable
from ledger.kernel.metrics_memory import SharedMetrics
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


def command(  # noqa: PLR0913  # the options of a command
    *,
    once: Annotated[bool, typer.Option("--once", help="End when everything accepted so far is in the lake.")] = False,
    server: Annotated[
        int | None,
        typer.Option(help="Only this server's books: 1 is the default one, others in the directory's order."),
    ] = None,
    book: Annotated[
        str | None,
        typer.Option("--rebuild", metavar="BOOK", help="Rebuild this book's lake from the ledger, or one TABLE of it."),
    ] = None,
    metrics_port: Annotated[
        int, typer.Option(min=1, max=65_535, help="Port of the metrics on loopback; if it is taken, the next free one.")
    ] = PORT + 1,
    metrics_descriptor: Annotated[int | None, typer.Option(help="An inherited socket for them.", hidden=True)] = None,
    table: Annotated[str | None, typer.Argument(metavar="TABLE", help="With --rebuild: only this table.")] = None,
) -> None:
    """Stream the journal of every book of every server into the lake, and continue with new facts."""
    settings = Settings.from_process()
    if book is not None:
        _rebuild(settings, book, table)
        return
    if table is not None:
        raise InvalidInput(f"{table} alone can only be rebuilt: cofferdam stream --rebuild BOOK {table}")
    with servers(settings) as found:
        chosen = _chosen(found.servers(), server)
        if once:
            bring_all(chosen, Zones.of(settings), Console(stderr=True))
        else:
            descriptor = metrics_descriptor
            listening = held_port(metrics_port) if descriptor is None else socket.socket(fileno=descriptor)
            with listening, traced(settings, "stream"):
                _follow(chosen, settings, listening)


def bring_all(chosen: Sequence[Server], zones: Zones, console: Console) -> None:
    """Stream every book's journal up to now into the lake, and refresh silver, with a progress bar per book.

    Raises `Misplaced` before any write if a book would be in a wrong root; and `Unavailable` at the end if a server did
    not answer, after the books of the others are streamed.
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
    """Records each warning of the stream for the console of `cofferdam up`, besides the log."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(logging.WARNING)
        self._settings = settings

    def emit(self, record: logging.LogRecord) -> None:
        """Record the line; if the home cannot be written, it is in the log only."""
        with suppress(OSError):
            note_failure(self._settings, record.name.rsplit(".", 1)[-1], record.getMessage())


def _found(chosen: Sequence[Server]) -> tuple[list[BookLocation], list[str]]:
    """Return the books of the servers that answer, and the errors of those that do not."""
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
    """Rebuild a book's lake, or one table; silver always, because it is derived from the others."""
    records = () if table in SILVER_NAMES else bronze_named(table)
    with servers(settings) as found, Progress(console=Console(stderr=True)) as bars:
        for server in found.servers():
            with suppress(Unavailable):
                bring_up(server)
        place, zones = found.place_of(name), Zones.of(settings)
        lake = settled_lake(zones, place)
        try_to_adopt(place.engine, zones, place.book)
        what = f"{table} of {name}" if table else name
        bar = bars.add_task(f"rebuilding {what}", total=None)
        if records:
            rebuild(
                place.engine, lake, place.book, records,
                progress=lambda done, total: bars.update(bar, completed=done, total=total),
            )  # fmt: skip
        rebuild_silver(place.engine, lake, place.book)
        bars.update(bar, description=f"{what} is rebuilt and equals the ledger", total=1, completed=1)


def _chosen(found: Sequence[Server], number: int | None) -> Sequence[Server]:
    if number is None:
        return found
    if not 1 <= number <= len(found):
        raise InvalidInput(f"there is no server {number}; there are: {', '.join(server.name for server in found)}")
    return [found[number - 1]]


def _follow(chosen: Sequence[Server], settings: Settings, listening: socket.socket) -> None:
    """Stream each server in a thread of its own, so that one that is down or slow does not delay the others.

    Raises `Misplaced` at the start for the books known by then; for later ones, their worker logs it.
    """
    zones = Zones.of(settings)
    places, _ = _found(chosen)
    with suppress(Unavailable):  # an unreachable root delays only its own books: their worker checks it again
        settle(zones, places)
    for name in ("cofferdam.stream", "cofferdam.lake", "cofferdam.imports"):
        logging.getLogger(name).addHandler(Noted(settings))
    for place in places:
        try_to_adopt(place.engine, zones, place.book)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    metrics = SharedMetrics(STREAM_METRICS).count_here()
    shown = SharedCollector(metrics), ProcessCollector(metrics)
    with metrics_served(listening, *shown), ThreadPoolExecutor(len(chosen), thread_name_prefix="stream") as workers:
        running = {workers.submit(_follow_server, server, zones, stop) for server in chosen}
        while running:  # each wait has a timeout, because a signal that comes right before one is only handled after it
            ended, running = wait(running, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
            for each in ended:
                stop.set()  # a worker ends after `stop`, or by an unexpected error: then all end
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
