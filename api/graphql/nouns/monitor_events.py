"""Events of monitors in the schema: when their conditions became true, in the order of the journal."""

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
    """The condition of a monitor became true."""

    monitor_id: strawberry.ID = strawberry.field(description="The monitor.")
    account_id: strawberry.ID = strawberry.field(description="The account that it watches.")
    measured_minor: Minor = strawberry.field(description="What was measured, in minor units of the account's currency.")
    transfer_position: Position = strawberry.field(description="Where the transfer is recorded that made it true.")
    recorded_at: datetime = strawberry.field(description="When it was recorded, together with the transfer.")
    position: Position = strawberry.field(description="Where it is recorded: pass that of the last one as `after`.")


@strawberry.type
class MonitorEvents:
    """Events in the order of the journal. Positions only rise: what was read once never gets anything before it."""

    events: list[MonitorEventNode] = strawberry.field(description="The events behind `after`.")
    has_more: bool = strawberry.field(description="There are more behind these.")
    as_of: Position = strawberry.field(description="Up to which position this is all.")


@strawberry.type
class MonitorEventQueries:
    """Reading what monitors saw."""

    @strawberry.field
    def monitor_events(
        self,
        info: strawberry.Info[Call, None],
        monitor: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only those of this monitor, mon_…")
        ] = None,
        after: Annotated[
            Position, strawberry.argument(description="Behind this position: that of the last event you know.")
        ] = Position(0),  # noqa: B008  # a number
        *,
        first: First = 20,
        min_position: MinPosition = None,
    ) -> MonitorEvents:
        """The events of your monitors, the oldest first, behind a position."""
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
