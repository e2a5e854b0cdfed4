"""`cofferdam stream`: moves the journal of every book into the lake, once or for as long as it runs."""

import logging
import signal
import threading
from typing import Annotated

import sqlalchemy as sa
import typer
from rich.console import Console
from rich.progress import Progress

from cofferdam.embedded import database
from lake.tables import Lake
from ledger.kernel.settings import Settings
from ledger.kernel.sql import create_engine
from ledger.partners.books import all_books
from pipelines.silver.refresh import refresh_silver
from pipelines.stream.worker import run, stream_once


def command(
    *, once: Annotated[bool, typer.Option("--once", help="End when everything accepted so far is there.")] = False
) -> None:
    """Move the journal of every book into the lake, and go on with what follows."""
    settings = Settings.from_process()
    with database(settings) as url:
        engine = create_engine(url)
        try:
            if once:
                bring_all(engine, Lake.of(settings), Console(stderr=True))
            else:
                _follow(engine, Lake.of(settings))
        finally:
            engine.dispose()


def bring_all(engine: sa.Engine, lake: Lake, console: Console) -> None:
    """Bring every book's journal as it stands now into the lake, and its silver there; with a progress bar per book."""
    with engine.connect() as connection:
        books = all_books(connection)
    with Progress(console=console) as bars:
        for book in books:
            bar = bars.add_task(f"{book.name} into the lake", total=None)

            def show(done: int, total: int, bar: int = bar) -> None:
                bars.update(bar, completed=done, total=total)  # type: ignore[arg-type]  # rich's TaskID is an int

            streamed = stream_once(engine, lake, book, progress=show)
            refresh_silver(engine, lake, book)
            bars.update(bar, description=f"{book.name} into the lake, position {streamed.seq:,}", total=1, completed=1)


def _follow(engine: sa.Engine, lake: Lake) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    run(engine, lake, stop=stop)
