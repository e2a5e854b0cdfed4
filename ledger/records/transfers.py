"""Transfers, the entries that they make, and the transfers that were refused."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from ledger.kernel.ids import AccountId, BookId, GroupId, PartnerId, TransferId
from ledger.kernel.record import Col, Record, record
from ledger.records.accounts import Side
from ledger.records.facts import Fact


class Kind(StrEnum):
    """What a transfer does: it moves money, or holds it, or ends a hold."""

    TRANSFER = "transfer"
    HOLD = "hold"
    POST = "post"
    VOID = "void"
    EXPIRY = "expiry"


class Balancing(StrEnum):
    """Whose balance bounds an «up to» transfer: it moves at most its amount, and no more than that side allows."""

    DEBIT = "debit"
    CREDIT = "credit"
    BOTH = "both"


@record
class Transfer(Fact):
    """Money moved from one account to another, once: the debit account gives, the credit account receives."""

    TABLE = "transfers"
    transfer_id: Annotated[TransferId, Col("Id of the transfer.")]
    partner_id: Annotated[PartnerId, Col("The partner that ordered it.")]
    debit_account_id: Annotated[AccountId, Col("The account that is debited.")]
    credit_account_id: Annotated[AccountId, Col("The account that is credited.")]
    amount_minor: Annotated[int, Col("How much, in minor units of the currency; zero or more.")]
    currency: Annotated[str, Col("ISO 4217 code.")]
    code: Annotated[str, Col("What it is for: a short word of the partner's, such as payment or fee.")]
    effective_at: Annotated[datetime, Col("When it counts from, as the partner states; never later than recorded.")]
    booked_on: Annotated[date, Col("The accounting date: the UTC day of `effective_at`.")]
    external_ref: Annotated[str | None, Col("The partner's own reference of it.")]
    group_id: Annotated[GroupId | None, Col("The group that it stood or fell with; null when it was alone.")]


@record
class RefusedTransfer(Fact):
    """A transfer that the state of the book did not allow; its id stays refused."""

    TABLE = "refused_transfers"
    transfer_id: Annotated[TransferId, Col("Id of the transfer that was asked for.")]
    partner_id: Annotated[PartnerId, Col("The partner that ordered it.")]
    result: Annotated[str, Col("Why: a result code of the book, such as insufficient_funds.")]
    debit_account_id: Annotated[AccountId, Col("The account that would have been debited.")]
    credit_account_id: Annotated[AccountId, Col("The account that would have been credited.")]
    amount_minor: Annotated[int, Col("How much was asked for, in minor units.")]
    currency: Annotated[str, Col("ISO 4217 code.")]
    code: Annotated[str, Col("What it was for.")]
    effective_at: Annotated[datetime, Col("When it would have counted from.")]
    external_ref: Annotated[str | None, Col("The partner's own reference of it.")]
    group_id: Annotated[GroupId | None, Col("The group that fell with it; null when it was alone.")]


@record
class Entry(Record):
    """One side of a transfer on one account, with the account's sums after it."""

    TABLE = "entries"
    book_id: Annotated[BookId, Col("The book of the account.", key=True)]
    account_id: Annotated[AccountId, Col("The account.", key=True)]
    seq: Annotated[int, Col("Position of the transfer.", key=True)]
    partner_id: Annotated[PartnerId, Col("The partner that the account belongs to.")]
    side: Annotated[Side, Col("Which side of the transfer the account is.")]
    amount_minor: Annotated[int, Col("How much, in minor units of the account's currency.")]
    debits_after_minor: Annotated[int, Col("Sum of the account's debits after this entry.")]
    credits_after_minor: Annotated[int, Col("Sum of the account's credits after this entry.")]
    booked_on: Annotated[date, Col("The accounting date of the transfer.")]
