"""Typed values of payment messages: what a payment needs of each, in the words of the field.

One message carries one transaction, as on the instant rails. Texts are as written; an empty text is an absent element.
Instants are as written too: FedNow writes their offset, RTP writes Eastern time without one.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from ledger.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMessage:
    """The head of every payment message: its id, unique with its sender, and the instant at which it was made."""

    message_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp(PaymentMessage):
    """A message about an earlier one: the ids by which that one is found."""

    original_message_id: str = ""
    original_definition: str = ""
    original_created_at: datetime | None = None
    original_instruction_id: str = ""
    original_end_to_end_id: str = ""
    original_transaction_id: str = ""
    original_uetr: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditTransfer(PaymentMessage):
    """pacs.008: a bank sends its customer's payment. Names, accounts and texts stay out of what is printed."""

    amount: Money
    settled_on: date | None = None
    settlement_method: str = "CLRG"
    clearing_system: str = ""
    instruction_id: str = ""
    end_to_end_id: str
    transaction_id: str = ""
    uetr: str = ""
    clearing_reference: str = ""
    service_level: str = ""
    local_instrument: str = ""
    category_purpose: str = ""
    accepted_at: datetime | None = None
    charge_bearer: str = "SLEV"
    instructing_agent: str = ""
    instructed_agent: str = ""
    debtor_name: str = field(default="", repr=False)
    debtor_account: str = field(default="", repr=False)
    debtor_agent: str = ""
    creditor_agent: str = ""
    creditor_name: str = field(default="", repr=False)
    creditor_account: str = field(default="", repr=False)
    purpose: str = ""
    remittance: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentStatus(FollowUp):
    """pacs.002: the answer to a payment. RJCT has a reason; ACTC, ACSC, ACCC and ACWP accept it."""

    status: str
    reason: str = ""
    reason_text: tuple[str, ...] = field(default=(), repr=False)
    accepted_at: datetime | None = None
    clearing_reference: str = ""
    instructing_agent: str = ""
    instructed_agent: str = ""
    amount: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReturn(FollowUp):
    """pacs.004: a payment's money goes back."""

    settlement_method: str = "CLRG"
    clearing_system: str = ""
    return_id: str = ""
    original_amount: Money | None = None
    amount: Money
    settled_on: date | None = None
    instructing_agent: str = ""
    instructed_agent: str = ""
    reason: str = ""
    reason_text: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationRequest(FollowUp):
    """camt.056: the sender asks for a payment back (a recall, a return request)."""

    assigner: str = ""
    assignee: str = ""
    case_id: str = ""
    cancellation_id: str = ""
    original_amount: Money | None = None
    original_settled_on: date | None = None
    reason: str = ""
    reason_text: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution(FollowUp):
    """camt.029: the answer to a request for cancellation; CNCL cancels, RJCR refuses, PDCR waits."""

    assigner: str = ""
    assignee: str = ""
    case_id: str = ""
    status: str
    transaction_status: str = ""
    reason: str = ""
    reason_text: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequest(PaymentMessage):
    """pain.013: a creditor asks a debtor to pay (request for payment)."""

    initiator_name: str = field(default="", repr=False)
    request_id: str
    execution_on: date | None = None
    execution_at: datetime | None = None
    expires_at: datetime | None = None
    debtor_name: str = field(default="", repr=False)
    debtor_account: str = field(default="", repr=False)
    debtor_agent: str = ""
    instruction_id: str = ""
    end_to_end_id: str
    uetr: str = ""
    amount: Money
    charge_bearer: str = "SLEV"
    creditor_agent: str = ""
    creditor_name: str = field(default="", repr=False)
    creditor_account: str = field(default="", repr=False)
    remittance: tuple[str, ...] = field(default=(), repr=False)
