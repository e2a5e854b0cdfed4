"""The refresh of silver outside of the worker: once, up to the newest watermark."""

from contextlib import closing
from typing import Final

import duckdb
import sqlalchemy as sa
from deltalake.exceptions import DeltaError

from lake.bronze.read import Watermark, watermark
from lake.errors import Fenced
from lake.silver.refresh import SilverTables
from lake.tables import Lake
from ledger.journal.feed import cluster_id
from ledger.kernel.errors import Unavailable
from ledger.tenancy.records import Book
from pipelines.stream.locks import share
from pipelines.stream.worker import feed_connection

_TRIES: Final = 5


def refresh_silver(engine: sa.Engine, lake: Lake, book: Book) -> int:
    """Bring the silver of a book to its newest watermark; return that position, 0 before the first.

    If a worker refreshes it at the same time, this continues from the worker's result. Raises `Fenced` if it loses the
    race again and again, `Unavailable` if the lake fails, and `ForeignLake`.
    """
    try:
        with feed_connection(engine) as connection:
            share(connection, book)  # without it, tables opened before an exchange would be written after it
            cut = watermark(lake, book.name)
            if cut is not None:
                _refresh(lake, book, cut, cluster_id(connection))
    except (OSError, DeltaError, duckdb.Error) as fault:
        raise Unavailable(f"the lake at {lake.url} fails, nothing is lost: {' '.join(str(fault).split())}") from fault
    return 0 if cut is None else cut.seq


def _refresh(lake: Lake, book: Book, cut: Watermark, cluster: str) -> None:
    for tries in range(_TRIES, 0, -1):
        try:
            with closing(SilverTables.open(lake, book, cluster_id=cluster)) as tables:
                tables.refresh(cut)
        except Fenced:
            if tries == 1:
                raise
        else:
            return
