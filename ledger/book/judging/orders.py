"""Transfer orders: requests to the book to move or hold money, or to end a hold."""

from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from ledger.book.records.accounts import AccountId, Side
from ledger.book.records.monitors import Measure
from ledger.book.records.transfers import Balancing, GroupId, Kind, TransferId
from ledger.kernel.ids import PartnerId
from ledger.kernel.money import MINOR_MAX

WHOLE_HOLD: Final = MINOR_MAX
"""The amount of a post or void that takes the whole hold."""

AS_HELD: Final = AccountId(UUID(int=0))
"""The account of a post or void that takes the hold's own account; an empty currency or code does the same."""


class Condition(NamedTuple):
    """A condition on one side's account after the order; bounds in minor units, each optional."""

    side: Side
    measure: Measure
    at_least: int | None = None
    at_most: int | None = None


class Terms(NamedTuple):
    """The options of an order beyond moving its amount; a plain transfer has none.

    `hold_id` is the hold that a post, void or expiry ends. A hold expires after `timeout_s` seconds (0: never); with
    `closes` it closes that side's account while it is open. A `balancing` order moves at most its amount, and leaves at
    least `keep_minor` on the debit side. `group_size` is the number of members of the group (0: not stated).
    `is_forced` lifts limits and conditions, `is_imported` applies the rules of strict history; both are reserved to the
    operator.
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
    """An order for a transfer; its id identifies a resend.

    Adjacent orders with one `group_id` are linked: all are accepted, or none. An `effective_at` of None means the
    instant of recording, unless `effective_on` gives a date: it is the accounting date, and the transfer counts from
    its beginning. `across_partners` is reserved to the operator, for loading history: it lifts the rules that both
    accounts belong to `partner_id`, and that a transfer is backdated by at most a year. `tags` are words in order,
    separated by blanks.
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
