"""Orders with terms, as the simulator asks for them."""

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

Kind = StrEnum("Kind", "TRANSFER HOLD POST VOID EXPIRY")
Balancing = StrEnum("Balancing", "DEBIT CREDIT BOTH")
Side = StrEnum("Side", "DEBIT CREDIT")
Measure = StrEnum("Measure", "AVAILABLE POSTED PENDING")


class Condition(NamedTuple):
    """What must hold on one side's account after the order."""

    side: str
    measure: str
    at_least: int | None = None
    at_most: int | None = None


class Terms(NamedTuple):
    """What makes an order more than a plain transfer."""

    kind: str = Kind.TRANSFER
    hold_id: UUID | None = None
    timeout_s: int = 0
    balancing: str | None = None
    keep_minor: int = 0
    closes: str | None = None
    condition: Condition | None = None
    group_size: int = 0
    rate: Any = None
    template: Any = None
    reverses: UUID | None = None
    is_forced: bool = False
    is_imported: bool = False


class TransferOrder(NamedTuple):
    """A transfer that is asked for."""

    transfer_id: UUID
    partner_id: UUID
    debit_account_id: UUID
    credit_account_id: UUID
    amount_minor: int
    currency: str
    code: str
    effective_at: datetime | None = None
    external_ref: str | None = None
    group_id: UUID | None = None
    across_partners: bool = False
    counterparty: str | None = None
    tags: str | None = None
    actor: str = "system"
    terms: Terms = Terms()


WHOLE_HOLD = 2**63 - 1
