"""The snapshot: one watermark per book, up to date with the journals, at which a build reads the whole lake."""

import sqlalchemy as sa

from lake.read import watermark
from lake.tables import Lake
from ledger.partners.books import all_books
from pipelines.marts.sources import BookCut
from pipelines.stream.worker import stream_once


def take_snapshot(engine: sa.Engine, lake: Lake) -> list[BookCut]:
    """The cut of every book that has a fact, at or after what its journal held when this was asked.

    Streams what is missing, or waits for the worker that does. Raises `Unavailable` when that one stands still.
    """
    with engine.connect() as connection:
        books = all_books(connection)
    cuts = []
    for book in books:
        stream_once(engine, lake, book)
        mark = watermark(lake, book.name)
        if mark is not None:
            cuts.append(BookCut(book.book_id, book.name, mark))
    return cuts
