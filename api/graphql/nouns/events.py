"""Events in the schema: the facts of a partner as subscriptions show them, each with its position."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from api.context import Call
from api.graphql.codes import RefusalCode, code_of
from api.graphql.loaders import loaded
from api.graphql.nodes import Node, find
from api.graphql.nouns.accounts import AccountNode, accounts_as_of_positions
from api.graphql.nouns.transfers import TransferNode, transfers_as_recorded
from api.graphql.occurrences import Occurrence
from api.graphql.results import SAYS
from api.graphql.scalars import Position
from ledger.book.judging.results import Result
from ledger.book.reading.references import refused_transfers
from ledger.book.records.transfers import RefusedTransfer
from ledger.public_ids import public

if TYPE_CHECKING:
    from api.graphql.nouns.customers import CustomerNode
    from api.graphql.nouns.monitor_events import MonitorEventNode
    from api.graphql.nouns.monitors import MonitorNode
    from api.graphql.nouns.templates import TemplateNode

OneCustomer = Annotated["CustomerNode", strawberry.lazy("api.graphql.nouns.customers")]
OneMonitor = Annotated["MonitorNode", strawberry.lazy("api.graphql.nouns.monitors")]
OneMonitorEvent = Annotated["MonitorEventNode", strawberry.lazy("api.graphql.nouns.monitor_events")]
OneTemplate = Annotated["TemplateNode", strawberry.lazy("api.graphql.nouns.templates")]
_Info = strawberry.Info[Call, None]


@strawberry.interface
class Event:
    """A fact of yours. Its object is as of its position; what the object leads to is as it is now, or later."""

    position: Position = strawberry.field(description="Its journal position: pass it as `since` to continue after it.")
    recorded_at: datetime = strawberry.field(description="The instant of recording.")
    occurrence: strawberry.Private[Occurrence]

    @classmethod
    def of(cls, occurrence: Occurrence, **shown: Any) -> Any:
        """Return the event of an occurrence."""
        fact = occurrence.fact
        return cls(position=Position(fact.seq), recorded_at=fact.recorded_at, occurrence=occurrence, **shown)


@strawberry.type
class TransferPosted(Event):
    """A transfer of yours is done: money moved or is held, or a hold has ended."""

    @strawberry.field
    def transfer(self, info: _Info) -> TransferNode:
        """Transfer as it was recorded: a hold is open."""
        found = loaded(
            info.context, "recorded transfers", self.occurrence.ids, partial(transfers_as_recorded, info.context)
        )
        transfer = found[self.occurrence.fact.object_id]
        assert transfer is not None, "a fact is never removed"
        return transfer


@strawberry.type
class TransferRejected(Event):
    """A transfer of yours was refused for good, by the state of the book."""

    @strawberry.field
    def transfer_id(self) -> strawberry.ID:
        """Id that the transfer would have had; it stays refused."""
        return strawberry.ID(public("transfer", self.occurrence.fact.object_id))

    @strawberry.field
    def code(self, info: _Info) -> RefusalCode:
        """Reason as a stable code."""
        return code_of(Result.of(self._refused(info).result))

    @strawberry.field
    def message(self, info: _Info) -> str:
        """Reason as text."""
        return SAYS[Result.of(self._refused(info).result)]

    @strawberry.field
    def external_ref(self, info: _Info) -> str | None:
        """Your own reference for the transfer."""
        return self._refused(info).external_ref

    def _refused(self, info: _Info) -> RefusedTransfer:
        def read(ids: Any) -> Any:
            found = refused_transfers(info.context.reader(), info.context.book_id, ids)
            return {each.transfer_id: each for each in found}

        refused = loaded(info.context, "refused transfers", self.occurrence.ids, read)[self.occurrence.fact.object_id]
        assert isinstance(refused, RefusedTransfer), "a fact is never removed"
        return refused


@strawberry.interface
class AccountEvent(Event):
    """A fact about an account of yours."""

    @strawberry.field
    def account(self, info: _Info) -> AccountNode:
        """Account as of the position of the event."""
        fact, named = self.occurrence.fact, self.occurrence.ids_with_positions
        found = loaded(info.context, "accounts as of", named, partial(accounts_as_of_positions, info.context))
        account = found[fact.object_id, fact.seq]
        assert account is not None, "an account that was opened or changed exists"
        return account


@strawberry.type
class BalanceChanged(AccountEvent):
    """The balance of an account has changed, or what is pending or available: by a transfer, a hold or its terms."""


@strawberry.type
class AccountOpened(AccountEvent):
    """An account of yours was opened."""


@strawberry.type
class AccountTermsChanged(AccountEvent):
    """The limits, the credit line or the freeze of an account have changed."""


@strawberry.type
class CustomerRegistered(Event):
    """A customer of yours was registered."""

    @strawberry.field
    def customer(self, info: _Info) -> OneCustomer | None:
        """Person who was registered, as known now."""
        found: CustomerNode | None = find(info, "customer", self.occurrence.fact.object_id, self.occurrence.ids)
        return found


@strawberry.type
class MonitorChanged(Event):
    """A monitor of yours begins or ends."""

    @strawberry.field
    def monitor(self, info: _Info) -> OneMonitor | None:
        """Monitor as it is now."""
        found: MonitorNode | None = find(info, "monitor", self.occurrence.fact.object_id, self.occurrence.ids)
        return found


@strawberry.type
class MonitorTriggered(Event):
    """The condition of a monitor of yours has become true."""

    @strawberry.field
    def monitor_event(self, info: _Info) -> OneMonitorEvent | None:
        """Event of the monitor, with the measured amount."""
        fact = self.occurrence.fact
        assert fact.cause_id is not None, "a monitor is triggered by a transfer"
        key = (fact.object_id, fact.cause_id)
        found: MonitorEventNode | None = find(info, "monitor_event", key, self.occurrence.pairs)
        return found


@strawberry.type
class TemplatePublished(Event):
    """A version of a posting template of yours was published."""

    @strawberry.field
    def template(self, info: _Info) -> OneTemplate | None:
        """Template with that version."""
        found: TemplateNode | None = find(info, "template", self.occurrence.fact.object_id, self.occurrence.ids)
        return found


@strawberry.type
class MetadataChanged(Event):
    """Your own words for an object have changed."""

    @strawberry.field
    def node(self, info: _Info) -> Node | None:
        """Object as it is now, with its words."""
        found: Node | None = find(info, self.occurrence.fact.noun, self.occurrence.fact.object_id)
        return found
