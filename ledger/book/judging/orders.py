"""Transfer orders: what a caller asks the book for."""

from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from ledger.book.records.accounts import AccountId, Side
from ledger.book.records.monitors import Measure
from ledger.book.records.transfers import Balancing, GroupId, Kind, TransferId
from ledger.kernel.ids import PartnerId
from ledger.kernel.money import MINOR_MAX

WHOLE_HOLD: Final = MINOR_MAX
"""The amount of a post or void that takes all that is held."""

AS_HELD: Final = AccountId(UUID(int=0))
"""The account of a post or void that is the hold's; an empty currency or code says the same."""


class Condition(NamedTuple):
    """What must be true of one side's account once the order is done; bounds in minor units, either may be absent."""

    side: Side
    measure: Measure
    at_least: int | None = None
    at_most: int | None = None


class Terms(NamedTuple):
    """What an order asks for beside moving its amount; a plain transfer has none of it.

    `hold_id` is what a post, void or expiry ends. A hold ends by itself after `timeout_s` seconds (0: never); with
    `closes` it closes that side's account while it stands. A `balancing` order moves at most its amount, and leaves at
    least `keep_minor` on the debit side. `group_size` is how many members the group has (0: not said). `is_forced`
    lifts limits and conditions, `is_imported` holds the order to the rules of strict history; both are the operator's.
    """

    kind: Kind = Kind.TRANSFER
    hold_id: TransferId | None = None
    timeout_s: int = 0
    balancing: Balancing | None = None
    keep_minor: int = 0
    closes: Side | None = None
    conditions: tuple[Condition, ...] = ()
    group_size: int = 0
    rate: str | None = None
    template: str | None = None
    reverses: TransferId | None = None
    is_forced: bool = False
    is_imported: bool = False


PLAIN: Final = Terms()
"""The terms of a transfer that only moves its amount."""


class TransferOrder(NamedTuple):
    """A transfer that is asked for; its id is what makes a resend recognisable.

    Orders with one `group_id` that stand side by side are linked: all are accepted, or none. An `effective_at` of None
    means the instant of recording, unless `effective_on` says a date: that is the accounting date, and the transfer
    counts from its beginning. `across_partners` is the operator's, who loads history: it lifts the rules that both
    accounts belong to `partner_id`, and that a transfer is back-dated by a year at most. `tags` are words in their
    order, separated by blanks.
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
    effective_on: date | None = None
