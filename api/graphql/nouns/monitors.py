"""Monitors in the schema, with the mutations that begin and end them."""

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Final

import strawberry

from api.context import Call
from api.graphql import refusals
from api.graphql.answers import Success
from api.graphql.columns import OURS, Shown
from api.graphql.deprecations import replaced_by
from api.graphql.enums import Measure
from api.graphql.metadata_entries import (
    MetadataEntry,
    MetadataEntryInput,
    entries_of_new,
    entries_of_object,
    with_entries,
)
from api.graphql.mistakes import Mistakes
from api.graphql.nodes import Node, find
from api.graphql.scalars import Minor, Position
from api.graphql.validation import IdempotencyKey
from ledger.book.accounts import monitors as book
from ledger.book.records import monitors as records
from ledger.book.records.accounts import AccountId
from ledger.book.records.monitors import MonitorId
from ledger.flows.metadata import describe_new
from ledger.kernel import errors
from ledger.kernel.texts import checked_text
from ledger.kernel.work import Reader, Work
from ledger.metadata.records import MetadataNoun
from ledger.public_ids import parse_public, public
from ledger.tenancy.idempotency import Answer

if TYPE_CHECKING:
    from api.graphql.nouns.accounts import AccountNode

SHOWN: Final = {
    records.Monitor: Shown(
        ("Monitor",),
        {"seq": "position", "monitor_id": "id"},
        {**OURS, "recorded_at": "the position says where it began or ended"},
    ),
}


@strawberry.enum
class Comparison(Enum):
    """The comparison with the threshold for which a monitor's condition is true."""

    BELOW = strawberry.enum_value("below", description="The measured amount is less than the threshold.")
    ABOVE = strawberry.enum_value("above", description="The measured amount is more than the threshold.")


OneAccount = Annotated["AccountNode", strawberry.lazy("api.graphql.nouns.accounts")]


@strawberry.type(name="Monitor")
class MonitorNode(Node):
    """A condition on an account: an event is recorded each time it changes from false to true."""

    account_id: strawberry.ID = strawberry.field(
        description="The monitored account.", deprecation_reason=replaced_by("account { id }")
    )
    measure: Measure = strawberry.field(description="The measured amount of the account.")
    comparison: Comparison = strawberry.field(description="The comparison with the threshold.")
    threshold_minor: Minor = strawberry.field(description="The threshold, in minor units of the account's currency.")
    is_watching: bool = strawberry.field(description="False once it has ended.")
    position: Position = strawberry.field(description="The journal position where it began, or ended.")
    stored: strawberry.Private[records.Monitor]
    beside: strawberry.Private[Sequence[records.Monitor]]

    @strawberry.field
    def account(self, info: strawberry.Info[Call, None]) -> OneAccount | None:
        """Account that it monitors."""
        accounts = [each.account_id for each in self.beside]
        found: AccountNode | None = find(info, "account", self.stored.account_id, accounts)
        return found

    @strawberry.field
    def metadata(self, info: strawberry.Info[Call, None]) -> list[MetadataEntry]:
        """Your own words for the monitor, by name."""
        return entries_of_object(info.context, self.stored.monitor_id, [each.monitor_id for each in self.beside])


@strawberry.input
class BeginMonitorInput:
    """The monitor to begin."""

    account: strawberry.ID = strawberry.field(description="The account, acc_…")
    measure: Measure = strawberry.field(description="The amount to measure.")
    comparison: Comparison = strawberry.field(description="The comparison with the threshold.")
    threshold_minor: Minor = strawberry.field(description="The threshold, in minor units of the account's currency.")
    metadata: list[MetadataEntryInput] | None = strawberry.field(
        default=None, description="Your own words for the monitor, never personal; setMetadata changes them."
    )


@strawberry.input
class EndMonitorInput:
    """The monitor to end."""

    monitor: strawberry.ID = strawberry.field(description="The monitor, mon_…")


@strawberry.type
class WatchedAccount(Success):
    """The monitor has begun, or has ended."""

    monitor: MonitorNode = strawberry.field(description="The monitor as of that position.")

    @classmethod
    def of(cls, call: Call, done: Answer) -> "WatchedAccount":
        """Return the answer to a request that began or ended a monitor."""
        monitor = book.monitor_at(call.reader(), call.book_id, done.seq)
        return cls(monitor=show_monitors([monitor])[0], position=Position(done.seq), is_replay=done.is_replay)


MonitorResult = Annotated[
    WatchedAccount | refusals.NotFound | refusals.InvalidInput | refusals.IdempotencyConflict | refusals.Unavailable,
    strawberry.union("MonitorResult", description="The monitor, or the reason why nothing was changed."),
]


@strawberry.type
class MonitorMutations:
    """Mutations of monitors."""

    @strawberry.mutation
    def begin_monitor(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[BeginMonitorInput, strawberry.argument(name="input", description="The monitor.")],
        idempotency_key: IdempotencyKey,
    ) -> MonitorResult | None:
        """Begin a monitor on an account. A condition that is already true fires only after it has become false."""
        call = info.context
        try:
            order = _order(wanted, idempotency_key)
            asked = {
                "beginMonitor": wanted.account,
                "measure": order.measure,
                "comparison": order.comparison,
                "thresholdMinor": str(order.threshold_minor),
            }
            content = with_entries(asked, wanted.metadata)
            entries = entries_of_new(wanted.metadata)
            return WatchedAccount.of(
                call, call.once(order.external_ref, content, lambda work: _begun(work, call, order, entries))
            )
        except errors.Refusal as refusal:
            return refusals.shown_of_named(refusal, "input", "account")

    @strawberry.mutation
    def end_monitor(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[EndMonitorInput, strawberry.argument(name="input", description="The monitor.")],
        idempotency_key: IdempotencyKey,
    ) -> MonitorResult | None:
        """End a monitor for good. Its events are kept."""
        call = info.context
        try:
            mistakes = Mistakes()
            monitor_id = MonitorId(mistakes.at("input").read("monitor", parse_public, "monitor", wanted.monitor))
            mistakes.read("idempotencyKey", checked_text, "idempotencyKey", idempotency_key)
            mistakes.refuse()
            content = {"endMonitor": wanted.monitor}
            done = call.once(idempotency_key, content, lambda work: book.end_monitor(work, call.book_id, monitor_id))
            return WatchedAccount.of(call, done)
        except errors.Refusal as refusal:
            return refusals.shown_of_named(refusal, "input", "monitor")


def show_monitors(monitors: Sequence[records.Monitor]) -> list[MonitorNode]:
    """Return the nodes of monitors that are read together."""
    return [_shown(monitor, monitors) for monitor in monitors]


def _shown(monitor: records.Monitor, beside: Sequence[records.Monitor]) -> MonitorNode:
    return MonitorNode(
        id=strawberry.ID(public("monitor", monitor.monitor_id)),
        account_id=strawberry.ID(public("account", monitor.account_id)),
        measure=Measure(monitor.measure),
        comparison=Comparison(monitor.comparison),
        threshold_minor=Minor(monitor.threshold_minor),
        is_watching=monitor.is_watching,
        position=Position(monitor.seq),
        stored=monitor,
        beside=beside,
    )


def _order(wanted: BeginMonitorInput, key: str) -> book.MonitorOrder:
    mistakes = Mistakes()
    order = book.MonitorOrder(
        AccountId(mistakes.at("input").read("account", parse_public, "account", wanted.account)),
        mistakes.read("idempotencyKey", checked_text, "idempotencyKey", key),
        records.Measure[wanted.measure.name],
        records.Comparison[wanted.comparison.name],
        wanted.threshold_minor,
    )
    mistakes.at("input").read("metadata", entries_of_new, wanted.metadata)
    mistakes.refuse()
    return order


def _begun(work: Work, call: Call, order: book.MonitorOrder, entries: str | None) -> int:
    monitor_id = book.begin_monitor(work, call.book_id, order)
    describe_new(work, call.book_id, MetadataNoun.MONITOR, monitor_id, entries=entries)
    monitor = book.monitor(Reader(work.connection, work.partner_id), call.book_id, monitor_id)
    assert monitor is not None, "a monitor that was begun exists"
    return monitor.seq
