"""Records of balance monitors: a condition on an account, and the positions at which it became true."""

from enum import StrEnum
from typing import Annotated, NewType
from uuid import UUID

from ledger.book.records.accounts import AccountId
from ledger.kernel.constraints import Index
from ledger.kernel.ids import PartnerId
from ledger.kernel.record import Col, Fact, record

MonitorId = NewType("MonitorId", UUID)


class Measure(StrEnum):
    """The value of an account that is measured, in minor units, counted on its normal side."""

    AVAILABLE = "available"
    POSTED = "posted"
    PENDING = "pending"


class Comparison(StrEnum):
    """The side of the threshold on which a monitor's condition is true."""

    BELOW = "below"
    ABOVE = "above"


class MonitorState(StrEnum):
    """The state of a monitor in its life cycle."""

    WATCHING = "watching"
    ENDED = "ended"


@record
class Monitor(Fact):
    """A condition that is monitored on an account from this position on; a later fact of the same id ends it."""

    TABLE = "monitors"
    PUBLIC_IDS = (("monitor", "mon"),)
    CONSTRAINTS = (
        Index(("book_id", "account_id", "seq")),
        Index(("book_id", "monitor_id", "seq")),
    )
    monitor_id: Annotated[MonitorId, Col("Id of the monitor.")]
    account_id: Annotated[AccountId, Col("The account.")]
    partner_id: Annotated[PartnerId, Col("The partner that the account belongs to.")]
    measure: Annotated[Measure, Col("The measured value: available, posted or pending.")]
    comparison: Annotated[Comparison, Col("On which side of the threshold the condition is true.")]
    threshold_minor: Annotated[int, Col("The threshold, in minor units.")]
    is_watching: Annotated[bool, Col("False if this fact ends the monitor.")]
    actor: Annotated[str, Col("The actor that began or ended it.")]


@record
class MonitorEvent(Fact):
    """The condition of a monitor became true by the transfer at the position before."""

    TABLE = "monitor_events"
    CONSTRAINTS = (
        Index(("book_id", "monitor_id", "seq")),
        Index(("book_id", "partner_id", "seq")),
    )
    monitor_id: Annotated[MonitorId, Col("The monitor.")]
    account_id: Annotated[AccountId, Col("The account.")]
    partner_id: Annotated[PartnerId, Col("The partner that the account belongs to.")]
    transfer_seq: Annotated[int, Col("Position of the transfer that made it true.")]
    measured_minor: Annotated[int, Col("The measured value after that transfer, in minor units.")]
