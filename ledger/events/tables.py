"""The tables of books and their journals."""

from typing import Final

import sqlalchemy as sa

from ledger.kernel.sql import sql_table
from ledger.records.books import Book, BookHead, JournalBatch

BOOKS: Final = sql_table(Book, sa.UniqueConstraint("name"))
BOOK_HEADS: Final = sql_table(
    BookHead,
    sa.ForeignKeyConstraint(["book_id"], ["books.book_id"]),
    postgresql_with={"fillfactor": "10"},
)
JOURNAL_BATCHES: Final = sql_table(
    JournalBatch,
    sa.ForeignKeyConstraint(["book_id"], ["books.book_id"]),
    sa.CheckConstraint("first_seq <= seq", name="order"),
)
