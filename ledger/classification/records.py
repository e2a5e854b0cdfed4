"""Records of the classification of transfers: what a code means, dated, as an operator declares it."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from ledger.kernel.constraints import Check, Index, Refers
from ledger.kernel.ids import PartnerId
from ledger.kernel.record import Col, Fact, record
from ledger.kernel.rights import Readers


class TransferClass(StrEnum):
    """The class of a transfer, in the terms that reports use."""

    CASH_IN = "cash_in"
    CASH_OUT = "cash_out"
    FUNDING = "funding"
    PAYOUT = "payout"
    PAYMENT = "payment"
    INTERNAL = "internal"
    FEE = "fee"
    INTERCHANGE = "interchange"
    INTEREST = "interest"
    REFUND = "refund"
    CHARGEBACK = "chargeback"
    ADJUSTMENT = "adjustment"


class Rail(StrEnum):
    """The network by which money comes in or goes out; `book`: it stays within the installation."""

    ACH = "ach"
    WIRE = "wire"
    INSTANT = "instant"
    SEPA = "sepa"
    CARD = "card"
    CHECK = "check"
    CASH = "cash"
    BOOK = "book"


class Channel(StrEnum):
    """The place where a customer orders a transfer."""

    ONLINE = "online"
    MOBILE = "mobile"
    BRANCH = "branch"
    ATM = "atm"
    POINT_OF_SALE = "point_of_sale"
    AGENT = "agent"
    BATCH = "batch"


@record
class TransferClassification(Fact):
    """The class of the transfers of one code from an accounting date on; a later one for the same date replaces it."""

    TABLE = "transfer_classifications"
    CONSTRAINTS = (
        Refers(("book_id", "partner_id"), "partners"),
        Check("code", "code <> ''"),
        Index(("book_id", "code", "from_on", "seq")),
    )
    READERS = Readers.NONE
    STAGED = "classified"
    code: Annotated[str, Col("The code of the transfers, such as payment or fee.")]
    transfer_class: Annotated[TransferClass, Col("What they are.")]
    from_on: Annotated[
        date, Col("The first accounting date that it applies to; year 1: all from the beginning.", staged="from_on")
    ]
    actor: Annotated[str, Col("The actor that declared it.", staged=False)]
    reason: Annotated[str, Col("The reason, in the actor's words.", staged=False)]
    partner_id: Annotated[
        PartnerId | None, Col("The partner whose transfers they are; null: those of every partner without its own.")
    ]
    rail: Annotated[Rail | None, Col("The network by which the money moves; null if it is not stated.")]
    channel: Annotated[Channel | None, Col("Where the customer ordered it; null if it is not stated.")]
