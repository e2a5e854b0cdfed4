"""The tables of partners, and of customers with what is recorded about them."""

from typing import Final

import sqlalchemy as sa

from ledger.kernel.sql import sql_table
from ledger.records.forgetting import Forgetting, LegalHold
from ledger.records.partners import Customer, Partner
from ledger.records.readings import PersonalReading

_IN_BOOK: Final = ["book_id", "partner_id"]

PARTNERS: Final = sql_table(
    Partner,
    sa.ForeignKeyConstraint(["book_id"], ["books.book_id"]),
    sa.UniqueConstraint("book_id", "partner_id"),
    sa.UniqueConstraint("book_id", "partner_no"),
    sa.UniqueConstraint("partner_id"),
    sa.UniqueConstraint("book_id", "external_ref"),
)
CUSTOMERS: Final = sql_table(
    Customer,
    sa.ForeignKeyConstraint(_IN_BOOK, ["partners.book_id", "partners.partner_id"]),
    sa.UniqueConstraint("book_id", "customer_id"),
    sa.UniqueConstraint("book_id", "partner_id", "external_ref"),
    sa.Index(None, "book_id", "person_id"),
)
PERSONAL_READINGS: Final = sql_table(PersonalReading, sa.Index(None, "book_id", "subject_id", "seq"))
FORGETTINGS: Final = sql_table(Forgetting, sa.UniqueConstraint("book_id", "subject_id"))
LEGAL_HOLDS: Final = sql_table(LegalHold, sa.Index(None, "book_id", "subject_id", "seq"))
