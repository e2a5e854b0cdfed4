"""Imports and releases take turns on a book: nothing is released of a past that is only half there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ledger.kernel.clock import system_clock
from ledger.kernel.errors import Unavailable
from ledger.kernel.ids import BookId
from ledger.partners.tables import UNFINISHED_IMPORTS
from ledger.records.books import Book

LOCK_SPACE: Final = 0xC0FF
"""First key of the advisory locks of books (the second is the book): imports share it, a release has it alone."""


@contextmanager
def importing(engine: sa.Engine, book_id: BookId, mapping: str) -> Iterator[None]:
    """Hold the book for an import, beside others; waits for a release that runs.

    The import is marked as unfinished until the block ends well: one that fails or is killed keeps its mark, and the
    same import run to its end takes it away.
    """
    with _session(engine) as connection:
        connection.execute(sa.select(sa.func.pg_advisory_lock_shared(LOCK_SPACE, book_id)))
        row = {"book_id": book_id, "mapping": mapping, "began_at": system_clock()}
        connection.execute(insert(UNFINISHED_IMPORTS).values(row).on_conflict_do_nothing())
        yield
        forget_import(connection, book_id, mapping)


@contextmanager
def quiet(engine: sa.Engine, book: Book) -> Iterator[None]:
    """Hold the book for one release; raises `Unavailable` at once where it is being imported, or only half is."""
    with _session(engine) as connection:
        if not connection.execute(sa.select(sa.func.pg_try_advisory_lock(LOCK_SPACE, book.book_id))).scalar_one():
            raise Unavailable(f"book {book.name!r} is being imported or released; its insights wait until that ends")
        if unfinished := unfinished_imports(connection, book.book_id):
            raise Unavailable(
                f"book {book.name!r} is half imported: run the import {unfinished[0]!r} again to its end, or give it "
                f"up with `cofferdam import --abandon {unfinished[0]}`; its insights wait until then"
            )
        yield


def unfinished_imports(connection: sa.Connection, book_id: BookId) -> list[str]:
    """The mappings whose import began and did not end, the oldest first."""
    table = UNFINISHED_IMPORTS.c
    query = sa.select(table.mapping).where(table.book_id == book_id).order_by(table.began_at)
    return list(connection.execute(query).scalars())


def forget_import(connection: sa.Connection, book_id: BookId, mapping: str) -> bool:
    """Take away the mark of an import; whether there was one."""
    table = UNFINISHED_IMPORTS
    gone = connection.execute(table.delete().where(table.c.book_id == book_id, table.c.mapping == mapping))
    return gone.rowcount > 0


@contextmanager
def _session(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A session of its own, without a transaction that an idle timeout would end; its locks end with it."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            yield connection
        finally:
            connection.invalidate()
