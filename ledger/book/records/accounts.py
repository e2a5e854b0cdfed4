"""Records of accounts, and of changes to their terms."""

from enum import StrEnum
from typing import Annotated, NewType
from uuid import UUID

from ledger.kernel.constraints import Index, Refers, Unique
from ledger.kernel.ids import PartnerId
from ledger.kernel.record import Col, Fact, record
from ledger.tenancy.records import CustomerId

AccountId = NewType("AccountId", UUID)
AccountNo = NewType("AccountNo", int)


class AccountKind(StrEnum):
    """The purpose of an account."""

    CUSTOMER = "customer"
    MERCHANT = "merchant"
    EXTERNAL = "external"
    REVENUE = "revenue"
    LIQUIDITY = "liquidity"
    TRANSIT = "transit"
    CONTROL = "control"


class Side(StrEnum):
    """The two sides of double entry."""

    DEBIT = "debit"
    CREDIT = "credit"


class Frozen(StrEnum):
    """The operations that a freeze forbids; releasing holds is always allowed."""

    NONE = "none"
    DEBITS = "debits"
    CREDITS = "credits"
    ALL = "all"


@record
class Account(Fact):
    """An account of one partner, in one currency."""

    TABLE = "accounts"
    PUBLIC_IDS = (("account", "acc"),)
    CONSTRAINTS = (
        Refers(("book_id", "partner_id"), "partners"),
        Unique(("account_id", "book_id")),
        Unique(("book_id", "account_no")),
        Unique(("book_id", "external_ref")),
        Index(("book_id", "partner_id", "account_id")),
        Index(("book_id", "customer_id")),
    )
    STAGED = "opened"
    account_id: Annotated[AccountId, Col("Id of the account.")]
    account_no: Annotated[AccountNo, Col("Its number in the book, from 1, by which transfers refer to it.", bits=32)]
    partner_id: Annotated[PartnerId, Col("The partner that the account belongs to.")]
    customer_id: Annotated[CustomerId | None, Col("The customer who owns it; null for the partner's own accounts.")]
    external_ref: Annotated[
        str,
        Col(
            "Unique reference within the book, `namespace:reference`; sealed if a customer owns the account, because "
            "it may be an account number.",
            pii_where="customer_id",
            withheld=True,
        ),
    ]
    currency: Annotated[str, Col("ISO 4217 code of its only currency.")]
    kind: Annotated[AccountKind, Col("The purpose of the account.", staged="account_kind")]
    normal_side: Annotated[Side, Col("The side on which its balance is counted positive.")]
    debits_within_credits: Annotated[
        bool, Col("A debit that would exceed credits and credit line is refused.", staged=False)
    ]
    credits_within_debits: Annotated[bool, Col("A credit that would exceed the debits is refused.", staged=False)]
    credit_line_minor: Annotated[
        int, Col("The amount by which debits may exceed credits, in minor units.", staged=False)
    ]
    actor: Annotated[str, Col("The actor that opened it.", staged=False)]


@record
class AccountTerms(Fact):
    """The terms of an account from this position on: limits, credit line, freeze; the newest terms apply."""

    TABLE = "account_terms"
    CONSTRAINTS = (Index(("book_id", "account_id", "seq")),)
    account_id: Annotated[AccountId, Col("The account.")]
    partner_id: Annotated[PartnerId, Col("The partner that the account belongs to.")]
    debits_within_credits: Annotated[bool, Col("A debit that would exceed credits and credit line is refused.")]
    credits_within_debits: Annotated[bool, Col("A credit that would exceed the debits is refused.")]
    credit_line_minor: Annotated[int, Col("The amount by which debits may exceed credits, in minor units.")]
    frozen: Annotated[Frozen, Col("The side, if any, on which the account is frozen now.")]
    actor: Annotated[str, Col("The actor that changed them.")]
    reason: Annotated[str, Col("The reason, in the actor's words.")]
