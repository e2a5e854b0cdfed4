"""The tables of books and their journals, with the actors in them, their calendars and periods."""

from typing import Final

import sqlalchemy as sa

from ledger.kernel.sql import sql_table
from ledger.records.books import (
    AcknowledgedWatermark,
    Actor,
    Book,
    BookCalendar,
    BookHead,
    BookOpening,
    BookResidency,
    JournalBatch,
    OperatingPeriod,
    PeriodClosing,
)

BOOKS: Final = sql_table(Book, sa.UniqueConstraint("name"))
BOOK_OPENINGS: Final = sql_table(
    BookOpening, sa.ForeignKeyConstraint(["book_id"], ["books.book_id"]), sa.UniqueConstraint("book_id")
)
BOOK_HEADS: Final = sql_table(
    BookHead,
    sa.ForeignKeyConstraint(["book_id"], ["books.book_id"]),
    postgresql_with={"fillfactor": "10"},
)
JOURNAL_BATCHES: Final = sql_table(
    JournalBatch,
    sa.ForeignKeyConstraint(["book_id"], ["books.book_id"]),
    sa.CheckConstraint("first_seq <= seq", name="order"),
    sa.UniqueConstraint("book_id", "recorded_at"),
)
ACTORS: Final = sql_table(
    Actor,
    sa.ForeignKeyConstraint(["book_id"], ["books.book_id"]),
    sa.UniqueConstraint("book_id", "actor_no"),
    sa.UniqueConstraint("book_id", "name"),
)
PERIOD_CLOSINGS: Final = sql_table(PeriodClosing, sa.ForeignKeyConstraint(["book_id"], ["books.book_id"]))
BOOK_RESIDENCIES: Final = sql_table(BookResidency, sa.ForeignKeyConstraint(["book_id"], ["books.book_id"]))
ACKNOWLEDGED_WATERMARKS: Final = sql_table(
    AcknowledgedWatermark,
    sa.ForeignKeyConstraint(["book_id"], ["books.book_id"]),
    postgresql_with={"fillfactor": "10"},
)
BOOK_CALENDARS: Final = sql_table(
    BookCalendar,
    sa.ForeignKeyConstraint(["book_id"], ["books.book_id"]),
    sa.CheckConstraint("cut_off_minutes BETWEEN 720 AND 2160", name="cut_off"),
)
OPERATING_PERIODS: Final = sql_table(
    OperatingPeriod,
    sa.ForeignKeyConstraint(["book_id"], ["books.book_id"]),
    sa.CheckConstraint("until_on >= from_on", name="order"),
)
