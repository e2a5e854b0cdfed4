"""The tables of calendars and operating periods."""

from typing import Final

import sqlalchemy as sa

from ledger.kernel.sql import sql_table
from ledger.records.calendars import BookCalendar, OperatingPeriod

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
