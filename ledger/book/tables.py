"""The tables of the book; nothing outside the book touches them."""

from typing import Final

import sqlalchemy as sa

from ledger.kernel.sql import sql_table
from ledger.records.accounts import Account, AccountTerms, Side
from ledger.records.monitors import Monitor, MonitorEvent
from ledger.records.transfers import OpenHold, RefusedTransfer, Transfer, TransferTag

ACCOUNTS: Final = sql_table(
    Account,
    sa.ForeignKeyConstraint(["book_id", "partner_id"], ["partners.book_id", "partners.partner_id"]),
    sa.UniqueConstraint("account_id", "book_id"),
    sa.UniqueConstraint("book_id", "account_no"),
    sa.UniqueConstraint("book_id", "external_ref"),
    sa.Index(None, "book_id", "partner_id", "account_id"),
    sa.Index(None, "book_id", "customer_id"),
)
ACCOUNT_TERMS: Final = sql_table(AccountTerms, sa.Index(None, "book_id", "account_id", "seq"))
# What is looked up by many ids at once has the id first in its index, and the book as a mere condition: before its
# first statistics PostgreSQL takes «of this book» for the narrower one, and reads all of the book.
TRANSFERS: Final = sql_table(
    Transfer,
    sa.UniqueConstraint("transfer_id", "book_id"),
    sa.CheckConstraint("amount_minor >= 0", name="amount"),
    sa.CheckConstraint("debit_account_no <> credit_account_no", name="sides"),
    # A hold is ended once: the store itself refuses a second end.
    sa.Index(
        "transfers_book_id_hold_seq_key", "book_id", "hold_seq", unique=True, postgresql_where="hold_seq IS NOT NULL"
    ),
    sa.Index(None, "book_id", "debit_account_no", "seq"),
    sa.Index(None, "book_id", "credit_account_no", "seq"),
    sa.Index(None, "book_id", "partner_no", "seq"),
    # What was dated back across a day, by account: few rows, but for imported history.
    *(
        sa.Index(
            f"transfers_dated_back_{side}_idx",
            "book_id",
            f"{side}_account_no",
            "booked_on",
            postgresql_where="booked_on < ((recorded_at AT TIME ZONE 'UTC')::date)",
        )
        for side in Side
    ),
    # A transfer is reversed once: the store itself refuses a second reversal.
    sa.Index(
        "transfers_book_id_reverses_seq_key",
        "book_id",
        "reverses_seq",
        unique=True,
        postgresql_where="reverses_seq IS NOT NULL",
    ),
    # What a partner searches by; the position stands last, so that the newest are found without reading all.
    *(
        sa.Index(
            f"transfers_{searched}_idx",
            "book_id",
            "partner_no",
            searched,
            "seq",
            postgresql_where=f"{searched} IS NOT NULL",
        )
        for searched in ("external_ref", "counterparty")
    ),
)
REFUSED_TRANSFERS: Final = sql_table(RefusedTransfer, sa.UniqueConstraint("transfer_id", "book_id"))
OPEN_HOLDS: Final = sql_table(
    OpenHold,
    sa.Index(None, "book_id", "expires_at", "seq", postgresql_where="expires_at IS NOT NULL"),
    sa.Index(None, "book_id", "debit_account_no"),
    sa.Index(None, "book_id", "credit_account_no"),
    sa.Index(None, "book_id", "closed_account_no", postgresql_where="closed_account_no IS NOT NULL"),
)
TRANSFER_TAGS: Final = sql_table(TransferTag)
MONITORS: Final = sql_table(
    Monitor, sa.Index(None, "book_id", "account_id", "seq"), sa.Index(None, "book_id", "monitor_id", "seq")
)
MONITOR_EVENTS: Final = sql_table(
    MonitorEvent, sa.Index(None, "book_id", "monitor_id", "seq"), sa.Index(None, "book_id", "partner_id", "seq")
)
