"""Residency: the zone whose root holds the rows of a book, recorded in its journal when it is first streamed there."""

from typing import Final

import sqlalchemy as sa

from ledger.journal import journal
from ledger.kernel.ids import BookId
from ledger.kernel.sql import table
from ledger.kernel.work import Work
from ledger.tenancy.records import BookResidency

_BOOK_RESIDENCIES: Final = table(BookResidency)


def recorded_zone(connection: sa.Connection, book_id: BookId) -> str | None:
    """Return the zone recorded in a book's journal, or None if its rows never had a root of their own."""
    newest = _BOOK_RESIDENCIES.c.seq.desc()
    query = sa.select(_BOOK_RESIDENCIES.c.zone).where(_BOOK_RESIDENCIES.c.book_id == book_id).order_by(newest).limit(1)
    zone: str | None = connection.execute(query).scalar_one_or_none()
    return zone


def record_zone(work: Work, book_id: BookId, zone: str) -> None:
    """Record that the rows of a book are in the root of a zone, unless that is recorded already."""
    batch = journal.open_batch(work, book_id)
    if recorded_zone(work.connection, book_id) != zone:
        journal.seal(work, batch, [journal.draft(BookResidency, zone=zone, actor=work.actor)])
