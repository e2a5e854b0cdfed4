"""Transfer orders: what a caller asks the book for."""

from datetime import datetime
from typing import NamedTuple

from ledger.kernel.ids import AccountId, GroupId, PartnerId, TransferId


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
