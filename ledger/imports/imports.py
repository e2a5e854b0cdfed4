"""Imports and releases exclude each other on a book: no insight is released from a half-imported history."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ledger.imports.records import ImportedFile, ImportStep, Step, UnfinishedImport
from ledger.journal import journal
from ledger.kernel.clock import system_clock
from ledger.kernel.errors import Unavailable
from ledger.kernel.ids import BookId
from ledger.kernel.reasons import require_reason
from ledger.kernel.sql import table
from ledger.kernel.work import Work, begin
from ledger.tenancy.records import Book

_IMPORTED_FILES: Final = table(ImportedFile)
_UNFINISHED_IMPORTS: Final = table(UnfinishedImport)

LOCK_SPACE: Final = 0xC0FF
"""First key of the advisory locks of books (the second is the book): shared by imports, exclusive for a release."""


class HalfImport(NamedTuple):
    """An import that began and did not end."""

    mapping: str
    files: str


@contextmanager
def importing(engine: sa.Engine, book_id: BookId, *, mapping: str, files: str) -> Iterator[None]:
    """Hold the book for an import, together with other imports; waits for a running release.

    The import is marked as unfinished until the block succeeds: one that fails or is killed keeps its mark, and running
    the same mapping over the same files to the end clears it. Both are facts, by the actor of the import's transfers.
    """
    which, actor = HalfImport(mapping, files), f"import:{mapping}"
    with _session(engine) as connection:
        connection.execute(sa.select(sa.func.pg_advisory_lock_shared(LOCK_SPACE, book_id)))
        with begin(engine, actor=actor) as work:
            _begin(work, book_id, which)
        yield
        connection.execute(sa.select(1))  # raises if the session, and with it the lock on the book, was lost
        with begin(engine, actor=actor) as work:
            _end(work, book_id, [which], step=Step.ENDED, reason="all of its files were read")


@contextmanager
def quiet(engine: sa.Engine, book: Book) -> Iterator[None]:
    """Hold the book for one release; raises `Unavailable` at once if an import runs or is unfinished."""
    with _alone(engine, book) as connection:
        if halves := unfinished_imports(connection, book.book_id):
            mapping, files = halves[0]
            raise Unavailable(
                f"book {book.name!r} is half imported: import {files} by {mapping!r} again to the end, or give it up "
                f"with `cofferdam import --abandon {mapping}`; its insights wait until then"
            )
        yield


def abandon_imports(
    engine: sa.Engine, book: Book, mapping: str, *, actor: str, reason: str = "no more of it will come"
) -> list[HalfImport]:
    """Clear a mapping's unfinished-import marks, by a fact each, and return them.

    Raises `Unavailable` while an import runs, and `InvalidInput` without a reason.
    """
    require_reason(reason)
    with _alone(engine, book) as connection, begin(engine, actor=actor) as work:
        halves = [half for half in unfinished_imports(connection, book.book_id) if half.mapping == mapping]
        _end(work, book.book_id, halves, step=Step.ABANDONED, reason=reason)
    return halves


def unfinished_imports(connection: sa.Connection, book_id: BookId) -> list[HalfImport]:
    """Return the imports that began and did not end, oldest first."""
    unfinished_imports = _UNFINISHED_IMPORTS.c
    query = (
        sa.select(unfinished_imports.mapping, unfinished_imports.files)
        .where(unfinished_imports.book_id == book_id)
        .order_by(unfinished_imports.began_at)
    )
    return [HalfImport(row.mapping, row.files) for row in connection.execute(query)]


class Before(NamedTuple):
    """An earlier import of the same bytes into the same book: its mapping, and when it began."""

    mapping: str
    mapping_sha256: bytes
    began_at: datetime


def note_file(
    engine: sa.Engine, book_id: BookId, file_sha256: bytes, *, mapping: str, declaration: str
) -> list[Before]:
    """Note that a file is imported by a mapping of this text; return its earlier imports by others, oldest first."""
    digest = hashlib.sha256(declaration.encode()).digest()
    imported_files = _IMPORTED_FILES.c
    row = {"book_id": book_id, "file_sha256": file_sha256, "mapping": mapping, "mapping_sha256": digest}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        noted = insert(_IMPORTED_FILES).values({**row, "began_at": system_clock()}).on_conflict_do_nothing()
        connection.execute(noted)
        query = (
            sa.select(imported_files.mapping, imported_files.mapping_sha256, imported_files.began_at)
            .where(imported_files.book_id == book_id, imported_files.file_sha256 == file_sha256)
            .order_by(imported_files.began_at)
        )
        found = [Before(each.mapping, each.mapping_sha256, each.began_at) for each in connection.execute(query)]
    return [each for each in found if (each.mapping, each.mapping_sha256) != (mapping, digest)]


def _begin(work: Work, book_id: BookId, which: HalfImport) -> None:
    """Mark an import as unfinished, by a fact, unless it is marked already."""
    batch = journal.open_batch(work, book_id)
    row = {"book_id": book_id, **which._asdict(), "began_at": batch.recorded_at}
    mark = insert(_UNFINISHED_IMPORTS).values(row).on_conflict_do_nothing()
    if work.connection.execute(mark).rowcount:
        stepped = _stepped(which, Step.BEGUN, batch.recorded_at, actor=work.actor, reason="its files are read")
        journal.seal(work, batch, [stepped])


def _end(work: Work, book_id: BookId, halves: Sequence[HalfImport], *, step: Step, reason: str) -> None:
    """Clear the marks that exist, by a fact each."""
    batch, table = journal.open_batch(work, book_id), _UNFINISHED_IMPORTS.c
    drafts: list[journal.Draft] = []
    for half in halves:
        marked = sa.and_(table.book_id == book_id, table.mapping == half.mapping, table.files == half.files)
        gone = work.connection.execute(_UNFINISHED_IMPORTS.delete().where(marked).returning(_UNFINISHED_IMPORTS))
        drafts += [_stepped(half, step, row.began_at, actor=work.actor, reason=reason) for row in gone]
    if drafts:
        journal.seal(work, batch, drafts)


def _stepped(which: HalfImport, step: Step, began_at: datetime, *, actor: str, reason: str) -> journal.Draft:
    return journal.draft(ImportStep, **which._asdict(), step=step, began_at=began_at, actor=actor, reason=reason)


@contextmanager
def _alone(engine: sa.Engine, book: Book) -> Iterator[sa.Connection]:
    with _session(engine) as connection:
        if not connection.execute(sa.select(sa.func.pg_try_advisory_lock(LOCK_SPACE, book.book_id))).scalar_one():
            raise Unavailable(f"book {book.name!r} is being imported or released; its insights wait for the end")
        yield connection


@contextmanager
def _session(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open a session of its own, without a transaction that an idle timeout would end; its locks end with it."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            yield connection
        finally:
            _unlock(connection)
            connection.invalidate()


def _unlock(connection: sa.Connection) -> None:
    """Release the locks before closing the connection: the server may notice a closed connection late."""
    if not connection.invalidated:
        with suppress(sa.exc.DBAPIError):  # a lost connection has released them
            connection.execute(sa.select(sa.func.pg_advisory_unlock_all()))
