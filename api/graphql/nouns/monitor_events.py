"""Events of monitors in the schema: each change of a condition to true, in journal order."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

import strawberry

from api.context import Call
from api.graphql.arguments import read_argument
from api.graphql.columns import BOOK, OWN, Shown
from api.graphql.connections import After, Before, Connection, First, Last, MinPosition, page
from api.graphql.cursors import PositionCursors
from api.graphql.deprecations import replaced_by
from api.graphql.loaders import loaded_once, position
from api.graphql.nodes import Finder, Node, find
from api.graphql.nouns.monitors import MonitorNode
from api.graphql.nouns.transfers import TransferNode
from api.graphql.scalars import Minor, Position
from ledger.book.reading.monitors import EventView, events_of_transfers, monitor_events
from ledger.book.records import monitors as records
from ledger.book.records.monitors import MonitorId
from ledger.book.records.transfers import TransferId
from ledger.public_ids import parse_public, public, public_pair

if TYPE_CHECKING:
    from api.graphql.nouns.accounts import AccountNode

SHOWN: Final = {
    records.MonitorEvent: Shown(
        ("MonitorEvent",),
        {"seq": "position", "transfer_seq": "transfer_position"},
        {"book_id": BOOK, "partner_id": OWN},
    ),
}


OneAccount = Annotated["AccountNode", strawberry.lazy("api.graphql.nouns.accounts")]

_CURSORS: Final = PositionCursors("monitor event")


class _Related:
    """The ids that the events of a page refer to, so that each edge is read for all of them at once."""

    def __init__(self, views: Sequence[EventView]) -> None:
        self.accounts = [view.event.account_id for view in views]
        self.monitors = [view.event.monitor_id for view in views]
        self.transfers = [view.transfer_id for view in views]


@strawberry.type(name="MonitorEvent")
class MonitorEventNode(Node):
    """A change of a monitor's condition from false to true."""

    monitor_id: strawberry.ID = strawberry.field(
        description="The monitor.", deprecation_reason=replaced_by("monitor { id }")
    )
    account_id: strawberry.ID = strawberry.field(
        description="The monitored account.", deprecation_reason=replaced_by("account { id }")
    )
    measured_minor: Minor = strawberry.field(
        description="The measured amount, in minor units of the account's currency."
    )
    transfer_position: Position = strawberry.field(
        description="The journal position of the transfer that caused it.",
        deprecation_reason=replaced_by("transfer { position }"),
    )
    recorded_at: datetime = strawberry.field(description="The instant of recording, the same as of the transfer.")
    position: Position = strawberry.field(description="Its journal position.")
    view: strawberry.Private[EventView]
    related: strawberry.Private[_Related]

    @strawberry.field
    def monitor(self, info: strawberry.Info[Call, None]) -> MonitorNode | None:
        """Monitor whose condition became true."""
        found: MonitorNode | None = find(info, "monitor", self.view.event.monitor_id, self.related.monitors)
        return found

    @strawberry.field
    def account(self, info: strawberry.Info[Call, None]) -> OneAccount | None:
        """Account that it monitors."""
        found: AccountNode | None = find(info, "account", self.view.event.account_id, self.related.accounts)
        return found

    @strawberry.field
    def transfer(self, info: strawberry.Info[Call, None]) -> TransferNode | None:
        """Transfer that caused it; null if another partner ordered it."""
        found: TransferNode | None = find(info, "transfer", self.view.transfer_id, self.related.transfers)
        return found


@strawberry.enum
class MonitorEventOrder(Enum):
    """The order of a list of events, by their recording."""

    OLDEST_FIRST = strawberry.enum_value(
        "oldest_first", description="The oldest first: no event is ever added before one that you have read."
    )
    NEWEST_FIRST = strawberry.enum_value("newest_first", description="The newest first.")


@strawberry.type
class MonitorEventQueries:
    """Queries of monitor events."""

    @strawberry.field
    def monitor_events(
        self,
        info: strawberry.Info[Call, None],
        monitor: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only events of this monitor, mon_…")
        ] = None,
        order: Annotated[
            MonitorEventOrder, strawberry.argument(description="The order of the list.")
        ] = MonitorEventOrder.OLDEST_FIRST,
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        min_position: MinPosition = None,
    ) -> Connection[MonitorEventNode]:
        """Events of your monitors."""
        call = info.context
        cursors = _CURSORS.of(call)
        piece = cursors.slice(first, after, last, before)
        monitor_id = None if monitor is None else MonitorId(read_argument("monitor", parse_public, "monitor", monitor))
        reader = call.reader(min_position)

        def read() -> list[EventView]:
            newest_first = order is MonitorEventOrder.NEWEST_FIRST
            wanted = piece.with_one_more
            return monitor_events(reader, call.book_id, wanted, monitor_id=monitor_id, newest_first=newest_first)

        nodes = _shown(loaded_once(call, ("monitor events", piece, monitor_id, order), read))
        return page(nodes, lambda node: cursors.write(node.position), piece, as_of=position(call))


def _shown(views: Sequence[EventView]) -> list[MonitorEventNode]:
    related = _Related(views)
    return [_event(view, related) for view in views]


def _event(view: EventView, related: _Related) -> MonitorEventNode:
    event = view.event
    return MonitorEventNode(
        id=strawberry.ID(public_pair("monitor_event", _key(view))),
        monitor_id=strawberry.ID(public("monitor", event.monitor_id)),
        account_id=strawberry.ID(public("account", event.account_id)),
        measured_minor=Minor(event.measured_minor),
        transfer_position=Position(event.transfer_seq),
        recorded_at=event.recorded_at,
        position=Position(event.seq),
        view=view,
        related=related,
    )


def _key(view: EventView) -> tuple[MonitorId, TransferId]:
    """Return what names an event: a transfer makes a condition true once."""
    return view.event.monitor_id, view.transfer_id


def _events(call: Call, keys: Sequence[tuple[MonitorId, TransferId]]) -> dict[tuple[UUID, UUID], MonitorEventNode]:
    views = events_of_transfers(call.reader(), call.book_id, keys)
    return dict(zip(map(_key, views), _shown(views), strict=True))


NODES: Final[Mapping[str, Finder]] = {"monitor_event": _events}
