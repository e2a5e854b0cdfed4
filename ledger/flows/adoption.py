"""Adoption: states openings, grants, import steps and answers of an older database as facts at the head of its journal.

Sealed history is not changed. The upgrade that introduces these facts states each row once, as it finds it, including
rows that were altered before.
"""

from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa

from ledger.imports.records import ImportStep, Step, UnfinishedImport
from ledger.journal import journal
from ledger.kernel.ids import BookId
from ledger.kernel.sql import table
from ledger.kernel.work import Work
from ledger.tenancy.key_grants import granted
from ledger.tenancy.records import AnsweredRequest, ApiKey, Book, BookOpening, RequestAnswer

_BOOKS: Final = table(Book)
_UNFINISHED_IMPORTS: Final = table(UnfinishedImport)
_ANSWERED_REQUESTS: Final = table(AnsweredRequest)
_API_KEYS: Final = table(ApiKey)

REASON: Final = "it stood before facts of this kind were recorded"
"""The reason given by a fact about something that happened before it."""


def adopt(work: Work) -> None:
    """State every book with its keys, unfinished imports and answered requests as facts, in one batch per book."""
    books = work.connection.execute(sa.select(_BOOKS).order_by(_BOOKS.c.book_id)).all()
    for book in [Book(**row._asdict()) for row in books]:
        batch = journal.open_batch(work, book.book_id)
        journal.seal(work, batch, [_opening(work, book, batch), *_of_book(work, book.book_id)])


def _opening(work: Work, book: Book, batch: journal.OpenBatch) -> journal.Draft:
    return journal.draft(
        BookOpening,
        name=book.name,
        jurisdiction=book.jurisdiction,
        currency=book.currency,
        opened_at=book.created_at,
        actor=work.actor,
        reason=REASON,
        imported_until_at=batch.head.imported_until_at,
        live_partner_id=None,
    )


def _of_book(work: Work, book_id: BookId) -> Iterator[journal.Draft]:
    for row in _rows(work, _API_KEYS, book_id):
        yield granted(ApiKey(**row._asdict()), actor=work.actor, reason=REASON)
    for row in _rows(work, _UNFINISHED_IMPORTS, book_id):
        said = {"mapping": row.mapping, "files": row.files, "began_at": row.began_at}
        yield journal.draft(ImportStep, **said, step=Step.BEGUN, actor=work.actor, reason=REASON)
    for row in _rows(work, _ANSWERED_REQUESTS, book_id):
        said = {name: value for name, value in row._asdict().items() if name != "book_id"}
        yield journal.draft(RequestAnswer, **said, actor=work.actor)


def _rows(work: Work, table: sa.Table, book_id: BookId) -> list[sa.Row[tuple[object, ...]]]:
    query = sa.select(table).where(table.c.book_id == book_id).order_by(*table.primary_key.columns)
    return list(work.connection.execute(query))
