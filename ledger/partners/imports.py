"""Imports and releases take turns on a book: nothing is released of a past that is only half there."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ledger.kernel.clock import system_clock
from ledger.kernel.errors import Unavailable
from ledger.kernel.ids import BookId
from ledger.partners.import_tables import IMPORTED_FILES, UNFINISHED_IMPORTS
from ledger.records.books import Book

LOCK_SPACE: Final = 0xC0FF
"""First key of the advisory locks of books (the second is the book): imports share it, a release has it alone."""


class HalfImport(NamedTuple):
    """An import that began and did not end."""

    mapping: str
    files: str


@contextmanager
def importing(engine: sa.Engine, book_id: BookId, *, mapping: str, files: str) -> Iterator[None]:
    """Hold the book for an import, beside others; waits for a release that runs.

    The import is marked as unfinished until the block ends well: one that fails or is killed keeps its mark, and the
    same mapping run over the same files to their end takes it away.
    """
    table, mark = UNFINISHED_IMPORTS.c, {"book_id": book_id, "mapping": mapping, "files": files}
    with _session(engine) as connection:
        connection.execute(sa.select(sa.func.pg_advisory_lock_shared(LOCK_SPACE, book_id)))
        row = {**mark, "began_at": system_clock()}
        connection.execute(insert(UNFINISHED_IMPORTS).values(row).on_conflict_do_nothing())
        yield
        ended = sa.and_(table.book_id == book_id, table.mapping == mapping, table.files == files)
        connection.execute(UNFINISHED_IMPORTS.delete().where(ended))


@contextmanager
def quiet(engine: sa.Engine, book: Book) -> Iterator[None]:
    """Hold the book for one release; raises `Unavailable` at once where it is being imported, or only half is."""
    with _alone(engine, book) as connection:
        if halves := unfinished_imports(connection, book.book_id):
            mapping, files = halves[0]
            raise Unavailable(
                f"book {book.name!r} is half imported: import {files} by {mapping!r} again to the end, or give it up "
                f"with `cofferdam import --abandon {mapping}`; its insights wait until then"
            )
        yield


def abandon_imports(engine: sa.Engine, book: Book, mapping: str) -> list[HalfImport]:
    """Take away the marks of a mapping's unfinished imports; those there were. Raises `Unavailable` while one runs."""
    with _alone(engine, book) as connection:
        halves = [half for half in unfinished_imports(connection, book.book_id) if half.mapping == mapping]
        table = UNFINISHED_IMPORTS.c
        connection.execute(UNFINISHED_IMPORTS.delete().where(table.book_id == book.book_id, table.mapping == mapping))
    return halves


def unfinished_imports(connection: sa.Connection, book_id: BookId) -> list[HalfImport]:
    """The imports that began and did not end, the oldest first."""
    table = UNFINISHED_IMPORTS.c
    query = sa.select(table.mapping, table.files).where(table.book_id == book_id).order_by(table.began_at)
    return [HalfImport(row.mapping, row.files) for row in connection.execute(query)]


class Before(NamedTuple):
    """An earlier import of the same bytes into the same book: by which mapping, and when it began."""

    mapping: str
    mapping_sha256: bytes
    began_at: datetime


def note_file(
    engine: sa.Engine, book_id: BookId, file_sha256: bytes, *, mapping: str, declaration: str
) -> list[Before]:
    """Note that a file is being imported by a mapping of this text; its earlier imports by others, the oldest first."""
    digest = hashlib.sha256(declaration.encode()).digest()
    table = IMPORTED_FILES.c
    row = {"book_id": book_id, "file_sha256": file_sha256, "mapping": mapping, "mapping_sha256": digest}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        noted = insert(IMPORTED_FILES).values({**row, "began_at": system_clock()}).on_conflict_do_nothing()
        connection.execute(noted)
        query = (
            sa.select(table.mapping, table.mapping_sha256, table.began_at)
            .where(table.book_id == book_id, table.file_sha256 == file_sha256)
            .order_by(table.began_at)
        )
        found = [Before(each.mapping, each.mapping_sha256, each.began_at) for each in connection.execute(query)]
    return [each for each in found if (each.mapping, each.mapping_sha256) != (mapping, digest)]


@contextmanager
def _alone(engine: sa.Engine, book: Book) -> Iterator[sa.Connection]:
    with _session(engine) as connection:
        if not connection.execute(sa.select(sa.func.pg_try_advisory_lock(LOCK_SPACE, book.book_id))).scalar_one():
            raise Unavailable(f"book {book.name!r} is being imported or released; its insights wait until that ends")
        yield connection


@contextmanager
def _session(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A session of its own, without a transaction that an idle timeout would end; its locks end with it."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            yield connection
        finally:
            _unlock(connection)
            connection.invalidate()


def _unlock(connection: sa.Connection) -> None:
    """Give the locks back before the connection: until the server notices a closed one, nobody would hold the book."""
    if not connection.invalidated:
        with suppress(sa.exc.DBAPIError):  # a connection that was lost has given them back
            connection.execute(sa.select(sa.func.pg_advisory_unlock_all()))
