"""Typed values of the messages between a participant and its network, and of the answer to a request for payment."""

from dataclasses import dataclass, field
from datetime import date, datetime

from ledger.kernel.money import Money
from ledger.rails.iso20022.values import PaymentMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequestStatus(PaymentMessage):
    """pain.014: the debtor's answer to a request for payment."""

    initiator_id: str = ""
    original_message_id: str = ""
    original_definition: str = ""
    original_created_at: datetime | None = None
    original_request_id: str = ""
    original_instruction_id: str = ""
    original_end_to_end_id: str = ""
    original_uetr: str = ""
    status: str
    reason: str = ""
    reason_text: tuple[str, ...] = field(default=(), repr=False)
    amount: Money | None = None
    execution_on: date | None = None
    execution_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReject:
    """admi.002: the network could not take a message at all."""

    related_id: str
    reason: str
    rejected_at: datetime | None = None
    location: str = ""
    reason_text: str = field(default="", repr=False)
    detail: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemEvent:
    """admi.004: the network tells of an event of its own, such as PING or the change of its day."""

    event: str
    parameters: tuple[str, ...] = ()
    text: str = ""
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProprietaryNotice:
    """admi.998: a message whose content the network itself defines; its kind is typed, its content stays raw."""

    message_id: str = ""
    kind: str
