"""Transfer orders: what a caller asks the book for."""

from datetime import datetime
from enum import StrEnum
from typing import Final, Literal, NamedTuple

from ledger.kernel.ids import AccountId, GroupId, PartnerId, TransferId
from ledger.records.accounts import Side

Balancing = Literal["debit", "credit", "both"]
"""Which side decides how much a balancing order moves, `amount_minor` at most."""

Measure = Literal["available", "posted", "pending"]
"""What a condition looks at."""


class Kind(StrEnum):
    """What a transfer is."""

    TRANSFER = "transfer"
    HOLD = "hold"
    POST = "post"
    VOID = "void"
    EXPIRY = "expiry"


class Condition(NamedTuple):
    """What must be true of one side's account after the order; judged in minor units, counted on its normal side."""

    side: Side
    measure: Measure
    at_least: int | None = None
    at_most: int | None = None


class Terms(NamedTuple):
    """What makes an order more than a plain transfer.

    A balancing order moves `amount_minor` at most: as much as the debit side has available beyond `keep_minor`, as the
    credit side has room for, or both.
    """

    kind: Kind = Kind.TRANSFER
    hold_id: TransferId | None = None
    timeout_s: int = 0
    balancing: Balancing | None = None
    closes: Side | None = None
    condition: Condition | None = None
    group_size: int = 0
    rate: str | None = None
    template: str | None = None
    reverses: TransferId | None = None
    is_forced: bool = False
    is_imported: bool = False
    keep_minor: int = 0


PLAIN: Final = Terms()
"""The terms of a plain transfer."""


class TransferOrder(NamedTuple):
    """A transfer that is asked for; its id is what makes a resend recognisable.

    Orders with one `group_id` that stand side by side are linked: all are accepted, or none. An `effective_at` of None
    means the instant of recording. `across_partners` is the operator's, who loads history: it lifts the rules that both
    accounts belong to `partner_id`, and that a transfer is back-dated by a year at most.
    """

    transfer_id: TransferId
    partner_id: PartnerId
    debit_account_id: AccountId
    credit_account_id: AccountId
    amount_minor: int
    currency: str
    code: str
    effective_at: datetime | None = None
    external_ref: str | None = None
    group_id: GroupId | None = None
    across_partners: bool = False
    counterparty: str | None = None
    tags: str | None = None
    actor: str = "system"
    terms: Terms = PLAIN
