"""The state that a batch is judged in: accounts with their sums, holds, and known ids; plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, NamedTuple

from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.results import Result
from ledger.book.judging.sums import NOTHING, Sums, measured
from ledger.book.records.accounts import AccountId, AccountNo, Frozen, Side
from ledger.book.records.monitors import Comparison, Measure, MonitorId
from ledger.book.records.transfers import Kind
from ledger.kernel.calendar import Calendar
from ledger.kernel.ids import PartnerId
from ledger.tenancy.records import PartnerNo

STOPS_DEBITS: Final = (Frozen.DEBITS, Frozen.ALL)
STOPS_CREDITS: Final = (Frozen.CREDITS, Frozen.ALL)
"""The freezes that stop debits of an account, and those that stop credits."""


class ActiveMonitor(NamedTuple):
    """A monitor on an account: its condition holds on one side of the threshold."""

    monitor_id: MonitorId
    measure: Measure
    comparison: Comparison
    threshold_minor: int


@dataclass(slots=True)
class AccountState:
    """An account as the judge sees it: its terms, its current sums, and its monitors.

    `closings` counts the open holds that close it.
    """

    account_id: AccountId
    account_no: AccountNo
    partner_id: PartnerId
    partner_no: PartnerNo
    currency: str
    normal_side: Side = Side.CREDIT
    debits_within_credits: bool = False
    credits_within_debits: bool = False
    credit_line_minor: int = 0
    frozen: Frozen = Frozen.NONE
    sums: Sums = NOTHING
    closings: int = 0
    watches: tuple[ActiveMonitor, ...] = ()

    def measured(self, measure: Measure, sums: Sums) -> int:
        """Return a measure of this account for these sums, in minor units."""
        return measured(measure, sums, self.normal_side, credit_line_minor=self.credit_line_minor)


@dataclass(slots=True)
class HoldState:
    """A hold: its order, its amount, its deadline, and the kind of transfer that ended it (None: it is open).

    `seq` is None if the hold is in the batch that is being judged.
    """

    order: TransferOrder
    amount_minor: int
    expires_at: datetime | None
    seq: int | None
    ended_by: Kind | None = None


class Known(NamedTuple):
    """A transfer accepted before, with the amount that moved; `seq` is None if it is in this batch.

    In the `order` of a post or void, values taken from the hold are filled in. `is_whole` is true for a post of the
    whole hold. `content_hash` is the hash of the ordered content, if the stored row does not have all of it.
    """

    order: TransferOrder
    amount_minor: int
    recorded_at: datetime
    seq: int | None
    is_whole: bool = False
    content_hash: bytes | None = None


class Failed(NamedTuple):
    """An id that was refused for good, or is taken by another request, with its content hash (None: not kept)."""

    result: Result
    seq: int | None
    content_hash: bytes | None


@dataclass(slots=True)
class BookState:
    """All that judging a batch needs: accounts, holds, known ids, the last closed day, the end of strict history.

    `calendar` counts the book's accounting dates. `reversed_ids` are those transfers named by reversals in the batch
    that are already reversed. `partners` are those that order across partners; any other partner is that of the
    accounts. Mappings are keyed by the integer of an id, because hashing a UUID is slow in Python, and happens five
    times a transfer.
    """

    accounts: dict[int, AccountState]
    holds: dict[int, HoldState] = field(default_factory=dict)
    known: dict[int, Known] = field(default_factory=dict)
    failed: dict[int, Failed] = field(default_factory=dict)
    reversed_ids: set[int] = field(default_factory=set)
    partners: Mapping[PartnerId, PartnerNo] = field(default_factory=dict)
    closed_until_on: date | None = None
    imported_until_at: datetime | None = None
    calendar: Calendar = field(default_factory=Calendar)
