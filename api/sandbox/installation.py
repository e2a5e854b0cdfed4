"""Installations that are a sandbox: the only live book is the one that the sandbox programme opened."""

import sqlalchemy as sa

from api.sandbox.programme import ACTOR
from ledger.journal.fact_pages import facts_page
from ledger.kernel.pages import Slice
from ledger.kernel.work import read
from ledger.tenancy.books import all_books
from ledger.tenancy.records import BookOpening


def is_sandbox(engine: sa.Engine, *, is_begun: bool = True) -> bool:
    """Return whether the programme's book is the only live one; unless `is_begun`, there may be none yet."""
    with read(engine) as reader:
        books = [book for book in all_books(reader.connection) if book.live_partner_id is None]
        openings = [fact for book in books for fact in facts_page(reader, BookOpening, book.book_id, Slice(limit=1))]
    return len(openings) in {1, int(is_begun)} and all(fact.actor == ACTOR for fact in openings)
