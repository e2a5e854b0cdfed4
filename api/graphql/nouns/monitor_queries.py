"""Queries of monitors: by id, and the page of an account's."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, NamedTuple
from uuid import UUID

import strawberry

from api.context import Call
from api.graphql.arguments import read_argument
from api.graphql.connections import Connection, page
from api.graphql.cursors import PositionCursors
from api.graphql.loaders import position
from api.graphql.nodes import Finder, find
from api.graphql.nouns.monitors import MonitorNode, show_monitors
from api.graphql.selections import ids_beside
from ledger.book.reading import monitors as reading
from ledger.book.reading.monitors import BegunMonitor
from ledger.book.records.monitors import MonitorId
from ledger.kernel.pages import Slice
from ledger.public_ids import parse_public

MONITOR_CURSORS: Final = PositionCursors("monitor")
"""The cursors of lists of monitors, by the positions where they began."""


class BegunNode(NamedTuple):
    """A monitor, and the position where it began."""

    node: MonitorNode
    begun_seq: int


@strawberry.type
class MonitorQueries:
    """Queries of monitors."""

    @strawberry.field
    def monitor(
        self,
        info: strawberry.Info[Call, None],
        id: Annotated[strawberry.ID, strawberry.argument(description="Its id, mon_…")],  # noqa: A002  # the argument's public name
    ) -> MonitorNode | None:
        """One of your monitors; null if you have no such monitor."""
        monitor_id = read_argument("id", parse_public, "monitor", id)
        found: MonitorNode | None = find(info, "monitor", monitor_id, ids_beside(info, "monitor"))
        return found


def show_begun(found: Sequence[BegunMonitor]) -> list[BegunNode]:
    """Return the nodes of monitors, each with the position where it began."""
    nodes = show_monitors([each.monitor for each in found])
    return [BegunNode(node, each.begun_seq) for node, each in zip(nodes, found, strict=True)]


def monitor_page(call: Call, found: Sequence[BegunNode], piece: Slice[int]) -> Connection[MonitorNode]:
    """Return the page of a slice of monitors; `found` has one more if there are others behind it."""
    begun = {each.node.id: each.begun_seq for each in found}
    nodes = [each.node for each in found]
    cursors = MONITOR_CURSORS.of(call)
    return page(nodes, lambda node: cursors.write(begun[node.id]), piece, as_of=position(call))


def _monitors(call: Call, ids: Sequence[UUID]) -> dict[UUID, MonitorNode]:
    found = reading.monitors(call.reader(), call.book_id, [MonitorId(each) for each in ids])
    return dict(zip(found, show_monitors(list(found.values())), strict=True))


NODES: Final[Mapping[str, Finder]] = {"monitor": _monitors}
