"""Events of monitors in the schema: each change of a condition to true, in journal order."""

from datetime import datetime
from typing import Annotated, Final

import strawberry

from api.context import Call
from api.graphql.columns import BOOK, OWN, Shown
from api.graphql.connections import First, MinPosition, checked_first
from api.graphql.scalars import Minor, Position
from ledger.book.accounts import monitors as book
from ledger.book.records import monitors as records
from ledger.book.records.monitors import MonitorId
from ledger.public_ids import parse_public, public

SHOWN: Final = {
    records.MonitorEvent: Shown(
        ("MonitorEvent",),
        {"seq": "position", "transfer_seq": "transfer_position"},
        {"book_id": BOOK, "partner_id": OWN},
    ),
}


@strawberry.type(name="MonitorEvent")
class MonitorEventNode:
    """A change of a monitor's condition from false to true."""

    monitor_id: strawberry.ID = strawberry.field(description="The monitor.")
    account_id: strawberry.ID = strawberry.field(description="The monitored account.")
    measured_minor: Minor = strawberry.field(
        description="The measured amount, in minor units of the account's currency."
    )
    transfer_position: Position = strawberry.field(description="The journal position of the transfer that caused it.")
    recorded_at: datetime = strawberry.field(description="The instant of recording, the same as of the transfer.")
    position: Position = strawberry.field(description="Its journal position: pass that of the last event as `after`.")


@strawberry.type
class MonitorEvents:
    """Events in journal order. Positions only rise: no event is ever added before one that you have read."""

    events: list[MonitorEventNode] = strawberry.field(description="The events after `after`.")
    has_more: bool = strawberry.field(description="True if there are more after these.")
    as_of: Position = strawberry.field(description="The position up to which the list is complete.")


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
        after: Annotated[
            Position, strawberry.argument(description="Only events after this position: that of the last one you know.")
        ] = Position(0),  # noqa: B008  # a number
        *,
        first: First = 20,
        min_position: MinPosition = None,
    ) -> MonitorEvents:
        """Events of your monitors, oldest first, after a position."""
        call, size = info.context, checked_first(first)
        monitor_id = None if monitor is None else MonitorId(parse_public("monitor", monitor))
        reader = call.reader(min_position)
        found = book.monitor_events(reader, call.book_id, monitor_id=monitor_id, after=after, limit=size + 1)
        has_more = len(found) > size
        as_of = found[size - 1].seq if has_more else call.position()
        return MonitorEvents(events=[_event(each) for each in found[:size]], has_more=has_more, as_of=Position(as_of))


def _event(event: records.MonitorEvent) -> MonitorEventNode:
    return MonitorEventNode(
        monitor_id=strawberry.ID(public("monitor", event.monitor_id)),
        account_id=strawberry.ID(public("account", event.account_id)),
        measured_minor=Minor(event.measured_minor),
        transfer_position=Position(event.transfer_seq),
        recorded_at=event.recorded_at,
        position=Position(event.seq),
    )
