"""The tables of silver: the columns of each, and how it is partitioned and kept."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final

from lake.tables import Silver
from ledger.book.records.accounts import AccountId, AccountKind, AccountNo, Frozen, Side
from ledger.book.records.transfers import TransferId
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.record import Col, record
from ledger.kernel.retention import Retention
from ledger.tenancy.records import CustomerId, PartnerNo


@dataclass(frozen=True, slots=True)
class SilverTable:
    """One table of silver; none has a personal column, because the bronze columns that it uses have none."""

    record: type[Silver]
    retention: Retention
    measured: tuple[str, ...]
    """Columns with minima and maxima in the Delta log: never text."""


@record
class CurrentAccount(Silver):
    """The current state of an account: its opening, its newest terms, and whether it is closed; without balances."""

    TABLE = "current_accounts"
    book_id: Annotated[BookId, Col("The book.", key=True)]
    account_no: Annotated[AccountNo, Col("Its number in the book, by which transfers refer to it.", key=True)]
    account_id: Annotated[AccountId, Col("Id of the account.")]
    partner_id: Annotated[PartnerId, Col("The partner that the account belongs to.")]
    customer_id: Annotated[CustomerId | None, Col("The customer who owns it; null for the partner's own accounts.")]
    currency: Annotated[str, Col("ISO 4217 code of its only currency.")]
    kind: Annotated[AccountKind, Col("The purpose of the account.")]
    normal_side: Annotated[Side, Col("The side on which its balance is counted positive.")]
    opened_at: Annotated[datetime, Col("The instant at which its opening was recorded.")]
    debits_within_credits: Annotated[bool, Col("A debit that would exceed credits and credit line is refused now.")]
    credits_within_debits: Annotated[bool, Col("A credit that would exceed the debits is refused now.")]
    credit_line_minor: Annotated[int, Col("The amount by which debits may exceed credits now, in minor units.")]
    frozen: Annotated[Frozen, Col("The side, if any, on which the account is frozen now.")]
    closed_by_seq: Annotated[int | None, Col("Position of the open hold that closes it; null: it is not closed.")]
    seq: Annotated[int, Col("Position of the last fact that changed this row.")]
    recorded_at: Annotated[datetime, Col("The instant at which that fact was recorded.")]


@record
class StandingHold(Silver):
    """A hold that nothing has ended yet; a post ends it whole, whatever part it posts."""

    TABLE = "open_holds"
    book_id: Annotated[BookId, Col("The book.", key=True)]
    seq: Annotated[int, Col("Position of the hold.", key=True)]
    recorded_at: Annotated[datetime, Col("The instant at which it was recorded.")]
    transfer_id: Annotated[TransferId, Col("Id of the hold.")]
    partner_no: Annotated[PartnerNo, Col("Number of the partner that ordered it.")]
    debit_account_no: Annotated[AccountNo, Col("Number of the account that it would debit.")]
    credit_account_no: Annotated[AccountNo, Col("Number of the account that it would credit.")]
    amount_minor: Annotated[int, Col("The amount that it holds, in minor units.")]
    currency: Annotated[str, Col("ISO 4217 code.")]
    code: Annotated[str, Col("The partner's code of its purpose.")]
    expires_at: Annotated[datetime | None, Col("The instant at which it expires; null: never.")]
    closes: Annotated[Side | None, Col("The side whose account is closed while it is open.")]


@record
class AccountDay(Silver):
    """An account's sums at the end of a day on which it moved, by the clock of the ledger."""

    TABLE = "account_balances_daily"
    PARTITIONS = ("recorded_on",)
    book_id: Annotated[BookId, Col("The book.", key=True)]
    account_no: Annotated[AccountNo, Col("Number of the account.", key=True)]
    recorded_on: Annotated[
        date, Col("The day of the book on which the transfers were recorded: not the accounting date.", key=True)
    ]
    currency: Annotated[str, Col("ISO 4217 code of the account.")]
    debits_minor: Annotated[int, Col("Sum of its posted debits at the end of the day, in minor units.")]
    credits_minor: Annotated[int, Col("Sum of its posted credits.")]
    pending_debits_minor: Annotated[int, Col("Sum of its open holds as debits.")]
    pending_credits_minor: Annotated[int, Col("Sum of its open holds as credits.")]
    seq: Annotated[int, Col("Position of its last transfer of the day, which states these sums.")]
    recorded_at: Annotated[datetime, Col("The instant at which that transfer was recorded.")]


SILVER: Final = (
    SilverTable(CurrentAccount, Retention.LEDGER, ("account_no", "closed_by_seq", "seq")),
    SilverTable(StandingHold, Retention.LEDGER, ("seq", "expires_at")),
    SilverTable(AccountDay, Retention.LEDGER, ("account_no", "seq")),
)
"""Every table of silver."""
