"""Accounts and their balances."""

from enum import StrEnum
from typing import Annotated

from ledger.kernel.ids import AccountId, BookId, CustomerId, PartnerId
from ledger.kernel.record import Col, Record, record
from ledger.records.facts import Fact


class AccountKind(StrEnum):
    """What an account is for."""

    CUSTOMER = "customer"
    MERCHANT = "merchant"
    EXTERNAL = "external"
    REVENUE = "revenue"


class Side(StrEnum):
    """The two sides of double entry."""

    DEBIT = "debit"
    CREDIT = "credit"


@record
class Account(Fact):
    """Where money stands, in one currency, for one partner."""

    TABLE = "accounts"
    account_id: Annotated[AccountId, Col("Id of the account.")]
    partner_id: Annotated[PartnerId, Col("The partner that the account belongs to.")]
    customer_id: Annotated[CustomerId | None, Col("The customer who owns it; null for the partner's own accounts.")]
    external_ref: Annotated[str, Col("Unique reference within the book, `namespace:reference`.")]
    currency: Annotated[str, Col("ISO 4217 code of its only currency.")]
    kind: Annotated[AccountKind, Col("What the account is for.")]
    normal_side: Annotated[Side, Col("The side on which its balance is counted positive.")]
    debits_within_credits: Annotated[bool, Col("A debit that would exceed the credits is refused.")]
    credits_within_debits: Annotated[bool, Col("A credit that would exceed the debits is refused.")]


@record
class Balance(Record):
    """What an account's entries sum to: a projection that `verify` can rebuild."""

    TABLE = "balances"
    IN_LAKE = False
    book_id: Annotated[BookId, Col("The book of the account.", key=True)]
    account_id: Annotated[AccountId, Col("The account.", key=True)]
    partner_id: Annotated[PartnerId, Col("The partner that the account belongs to.")]
    debits_minor: Annotated[int, Col("Sum of its debits, in minor units.")]
    credits_minor: Annotated[int, Col("Sum of its credits, in minor units.")]
    version: Annotated[int, Col("How many entries the account has.")]
    last_seq: Annotated[int, Col("Position of its newest entry, or of its opening.")]
