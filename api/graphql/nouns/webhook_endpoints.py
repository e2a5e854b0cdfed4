"""Endpoints of webhooks in the schema, by id and page by page."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated, Final
from uuid import UUID

import strawberry

from api.context import Call
from api.graphql.arguments import read_argument
from api.graphql.columns import OURS, Shown
from api.graphql.connections import After, Before, Connection, First, Last, MinPosition, page
from api.graphql.cursors import cursors_by_id
from api.graphql.loaders import loaded_once, position
from api.graphql.nodes import Finder, Node, find
from api.graphql.scalars import Position
from api.graphql.selections import ids_beside
from ledger.flows.event_types import DEFAULT_EVENT_TYPES, EVENT_TYPES
from ledger.outbox.claims import CONCURRENCY
from ledger.outbox.endpoint_listing import endpoints, endpoints_page
from ledger.outbox.records import Endpoint, EndpointId
from ledger.public_ids import parse_public, public

_SECRET: Final = "a secret is shown once, when it is made"  # noqa: S105  # a reason
SHOWN: Final = {
    Endpoint: Shown(
        ("WebhookEndpoint",),
        {
            "endpoint_id": "id",
            "seq": "position",
            "recorded_at": "changed_at",
            "address": "url",
            "is_active": "state",
            "is_paused": "state",
            "previous_secret_until_at": "previous_secret_until",
        },
        {**OURS, "reason": "it is the operator's, if it is not yours", "secret": _SECRET, "previous_secret": _SECRET},
    ),
}

_CURSORS: Final = cursors_by_id("webhook endpoint", EndpointId)
_MEMBERS: Final = {
    name.upper().replace(".", "_"): strawberry.enum_value(name, description=each.description)
    for name, each in EVENT_TYPES.items()
}


@strawberry.enum
class WebhookEventType(Enum):
    """The types of events. New types may be added: subscribe to those that you know."""

    vars().update(_MEMBERS)


@strawberry.enum
class WebhookEndpointState(Enum):
    """The state of an endpoint."""

    ACTIVE = strawberry.enum_value("active", description="Events are sent there.")
    PAUSED = strawberry.enum_value("paused", description="Events wait until you resume it.")
    RETIRED = strawberry.enum_value(
        "retired", description="Nothing is sent there: you retired it, or it answered 410 Gone."
    )


@strawberry.type(name="WebhookEndpoint")
class WebhookEndpointNode(Node):
    """An address of yours at which events are received."""

    url: str = strawberry.field(description="The address.")
    state: WebhookEndpointState = strawberry.field(description="Its state.")
    event_types: list[WebhookEventType] = strawberry.field(description="The types of events that are sent there.")
    is_ordered: bool = strawberry.field(
        description="True if an event waits until the earlier ones of its accounts were received or given up."
    )
    concurrency: int = strawberry.field(description="Maximum number of requests at a time, from each of our processes.")
    previous_secret_until: datetime | None = strawberry.field(
        description="The instant until which the secret before the newest one signs too; null if there is none."
    )
    changed_at: datetime = strawberry.field(description="The instant of its newest change.")
    position: Position = strawberry.field(description="The journal position of its newest change.")
    endpoint_id: strawberry.Private[EndpointId]


@strawberry.type
class WebhookEndpointQueries:
    """Queries of endpoints of webhooks."""

    @strawberry.field
    def webhook_endpoint(
        self,
        info: strawberry.Info[Call, None],
        id: Annotated[strawberry.ID, strawberry.argument(description="Its id, end_…")],  # noqa: A002  # the argument's public name
    ) -> WebhookEndpointNode | None:
        """One of your endpoints; null if you have no such endpoint."""
        endpoint_id = read_argument("id", parse_public, "endpoint", id)
        found: WebhookEndpointNode | None = find(info, "endpoint", endpoint_id, ids_beside(info, "endpoint"))
        return found

    @strawberry.field
    def webhook_endpoints(
        self,
        info: strawberry.Info[Call, None],
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        min_position: MinPosition = None,
    ) -> Connection[WebhookEndpointNode]:
        """Your endpoints, retired ones too, ordered by id."""
        call, piece = info.context, _CURSORS.slice(first, after, last, before)
        reader = call.reader(min_position)
        found = loaded_once(
            call, ("webhook endpoints", piece), lambda: endpoints_page(reader, call.book_id, piece.with_one_more)
        )
        nodes = list(map(show_endpoint, found))
        return page(nodes, lambda node: _CURSORS.write(node.endpoint_id), piece, as_of=position(call))


def show_endpoint(found: Endpoint) -> WebhookEndpointNode:
    """Return the node of an endpoint."""
    types = DEFAULT_EVENT_TYPES if found.event_types is None else found.event_types.split(" ")
    return WebhookEndpointNode(
        id=strawberry.ID(public("endpoint", found.endpoint_id)),
        url=found.address,
        state=WebhookEndpointState(found.state),
        event_types=[WebhookEventType(each) for each in types],
        is_ordered=bool(found.is_ordered),
        concurrency=found.concurrency or CONCURRENCY,
        previous_secret_until=found.previous_secret_until_at,
        changed_at=found.recorded_at,
        position=Position(found.seq),
        endpoint_id=found.endpoint_id,
    )


def _endpoints(call: Call, ids: Sequence[UUID]) -> dict[UUID, WebhookEndpointNode]:
    found = endpoints(call.reader(), call.book_id, [EndpointId(each) for each in ids])
    return {name: show_endpoint(each) for name, each in found.items()}


NODES: Final[Mapping[str, Finder]] = {"endpoint": _endpoints}
