"""The tables of the book; nothing outside the book touches them."""

from typing import Final

import sqlalchemy as sa

from ledger.kernel.sql import sql_table
from ledger.records.accounts import Account, Balance
from ledger.records.transfers import Entry, RefusedTransfer, Transfer

ACCOUNTS: Final = sql_table(
    Account,
    sa.ForeignKeyConstraint(["book_id", "partner_id"], ["partners.book_id", "partners.partner_id"]),
    sa.UniqueConstraint("book_id", "account_id"),
    sa.UniqueConstraint("book_id", "external_ref"),
    sa.Index(None, "book_id", "partner_id", "account_id"),
)
BALANCES: Final = sql_table(
    Balance,
    sa.CheckConstraint("debits_minor >= 0 AND credits_minor >= 0", name="signs"),
    # Room in every page for the next version of a row, so that updating a balance touches no index.
    postgresql_with={"fillfactor": "50"},
)
TRANSFERS: Final = sql_table(
    Transfer,
    sa.UniqueConstraint("book_id", "transfer_id"),
    sa.CheckConstraint("amount_minor >= 0", name="amount"),
    sa.CheckConstraint("debit_account_id <> credit_account_id", name="sides"),
    sa.Index(None, "book_id", "partner_id", "seq"),
)
REFUSED_TRANSFERS: Final = sql_table(RefusedTransfer, sa.UniqueConstraint("book_id", "transfer_id"))
ENTRIES: Final = sql_table(
    Entry,
    sa.CheckConstraint("amount_minor >= 0", name="amount"),
    sa.Index(None, "book_id", "seq"),
)
