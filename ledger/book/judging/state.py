"""The state that a batch is judged in: accounts with their sums, holds, and which ids are known; plain data."""

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
"""How an account is frozen that may not be debited, and one that may not be credited."""


class ActiveMonitor(NamedTuple):
    """A monitor on an account: its condition is true on one side of the threshold."""

    monitor_id: MonitorId
    measure: Measure
    comparison: Comparison
    threshold_minor: int


@dataclass(slots=True)
class AccountState:
    """An account as the judge sees it: what it allows, what stands on it so far, and who watches it.

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
        """What a measure says of this account with these sums, in minor units."""
        return measured(measure, sums, self.normal_side, credit_line_minor=self.credit_line_minor)


@dataclass(slots=True)
class HoldState:
    """A hold: as it was ordered, what it holds, when it ends by itself, and what ended it (None: it stands).

    `seq` is None while it stands in the batch that is being judged.
    """

    order: TransferOrder
    amount_minor: int
    expires_at: datetime | None
    seq: int | None
    ended_by: Kind | None = None


class Known(NamedTuple):
    """A transfer that was accepted before, with the amount that moved; `seq` is None while it stands in this batch.

    What a post or void left to its hold stands in `order` as the hold says it. `is_whole` says of a post that it took
    all that was held. `content_hash` is of what was asked for, where a stored row does not tell all of it.
    """

    order: TransferOrder
    amount_minor: int
    recorded_at: datetime
    seq: int | None
    is_whole: bool = False
    content_hash: bytes | None = None


class Failed(NamedTuple):
    """An id that was refused for good before, or is taken by another request; what was asked for (None: not kept)."""

    result: Result
    seq: int | None
    content_hash: bytes | None


@dataclass(slots=True)
class BookState:
    """All that a batch needs to know: accounts, holds, known ids, the last closed day, how far strict history came.

    `calendar` says how the book counts its accounting dates.
    `reversed_ids` are the transfers that a reversal stands against, of those that orders of the batch want to reverse.
    `partners` are those that order across partners; any other partner is that of the accounts.
    Things are found by the integer of their id: Python hashes a UUID in a slow call of its own, five times a transfer.
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
