"""Quiet: keeps imports and other releases away from a book while its insights are released."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa

from ledger.kernel.errors import Unavailable
from ledger.records.books import Book
from pipelines.stream.worker import feed_connection

LOCK_SPACE: Final = 0xC0FF
"""First key of the advisory locks of books (the second is the book): imports share it, a release has it alone."""


@contextmanager
def quiet_book(engine: sa.Engine, book: Book) -> Iterator[None]:
    """Hold the book for one release, so that no month is released in the middle of an import.

    Raises `Unavailable` while an import or another release has it; it does not wait.
    """
    with feed_connection(engine) as connection:
        lock = sa.select(sa.func.pg_try_advisory_lock(LOCK_SPACE, book.book_id))
        if not connection.execute(lock).scalar_one():
            raise Unavailable(f"book {book.name!r} is being imported or released; its insights wait until that ends")
        yield
