"""Deliveries of webhooks in the schema: the log of an endpoint, and every attempt of one delivery."""

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
from api.graphql.cursors import PositionCursors
from api.graphql.loaders import Siblings, loaded_once, position
from api.graphql.nodes import Finder, Node, find
from api.graphql.nouns.webhook_endpoints import WebhookEndpointNode
from api.graphql.scalars import Position
from api.graphql.selections import ids_beside
from ledger.outbox.delivery_log import ALL_STATES, attempts_of_each, deliveries, deliveries_page
from ledger.outbox.records import CallId, CallState, EndpointId, OutboundCall
from ledger.public_ids import parse_public, public

SHOWN: Final = {
    OutboundCall: Shown(
        ("WebhookDelivery",),
        {
            "call_id": "id",
            "seq": "position",
            "recorded_at": "changed_at",
            "endpoint_id": "endpoint",
            "topic": "event_type",
            "about_seq": "event_position",
            "attempt": "attempt_count",
            "due_at": "next_attempt_at",
        },
        {**OURS, "reason": "it is the operator's, if it is not yours"},
    ),
}
_CURSORS: Final = PositionCursors("webhook delivery")


@strawberry.enum
class WebhookDeliveryState(Enum):
    """The state of a delivery."""

    WAITING = strawberry.enum_value("waiting", description="It is still to be received.")
    DELIVERED = strawberry.enum_value("delivered", description="The endpoint answered 2xx.")
    GIVEN_UP = strawberry.enum_value(
        "given_up", description="A dead letter: ten attempts failed over 75 hours, or the endpoint was retired."
    )


@strawberry.enum
class WebhookFault(Enum):
    """The reason why an attempt failed."""

    UNREACHABLE = strawberry.enum_value(
        "unreachable", description="No connection: no address, a private one, or a certificate that does not match."
    )
    TIMEOUT = strawberry.enum_value("timeout", description="No answer within 15 seconds.")
    REFUSED = strawberry.enum_value("refused", description="An answer that is not 2xx.")
    WRONG_RECEIPT = strawberry.enum_value("wrong_receipt", description="In old attempts: a page of another server.")
    ENDPOINT_RETIRED = strawberry.enum_value("endpoint_retired", description="None was made: the endpoint is retired.")


@strawberry.type
class WebhookAttempt:
    """An attempt of a delivery."""

    ended_at: datetime = strawberry.field(description="The instant of recording.")
    state: WebhookDeliveryState = strawberry.field(description="The state of the delivery after it.")
    status: int | None = strawberry.field(description="The status that the endpoint answered; null: no answer.")
    fault: WebhookFault | None = strawberry.field(description="The reason why it failed; null: it was received.")


@strawberry.type(name="WebhookDelivery")
class WebhookDeliveryNode(Node):
    """An event that is sent to one endpoint; its id is the header `webhook-id` of every attempt."""

    event_type: str = strawberry.field(description="The type of the event, such as transfer.posted.")
    event_position: Position = strawberry.field(description="The journal position of the event.")
    state: WebhookDeliveryState = strawberry.field(description="Its state.")
    attempt_count: int = strawberry.field(description="The number of attempts since it began, or was replayed last.")
    begun_at: datetime = strawberry.field(description="The instant of the event, or of the newest replay.")
    next_attempt_at: datetime | None = strawberry.field(description="The instant of the next attempt; null: none.")
    status: int | None = strawberry.field(description="The status that the endpoint answered last.")
    fault: WebhookFault | None = strawberry.field(description="The reason why the last attempt failed.")
    changed_at: datetime = strawberry.field(description="The instant of its newest change.")
    position: Position = strawberry.field(description="The journal position of its newest change.")
    stored: strawberry.Private[OutboundCall]
    beside: strawberry.Private[Siblings[CallId]]

    @strawberry.field
    def endpoint(self, info: strawberry.Info[Call, None]) -> WebhookEndpointNode | None:
        """Endpoint that it is sent to."""
        found: WebhookEndpointNode | None = find(info, "endpoint", self.stored.endpoint_id)
        return found

    @strawberry.field
    def attempts(self, info: strawberry.Info[Call, None]) -> list[WebhookAttempt]:
        """Each attempt, the oldest first; a delivery that was replayed has those of every round."""
        call = info.context

        def read(ids: Sequence[CallId]) -> Mapping[CallId, list[OutboundCall]]:
            return attempts_of_each(call.reader(), call.book_id, ids)

        found = self.beside.of(self.stored.call_id, "attempts", read)
        return [_attempt(each) for each in found if each.attempt]


@strawberry.type
class WebhookDeliveryQueries:
    """Queries of deliveries of webhooks."""

    @strawberry.field
    def webhook_delivery(
        self,
        info: strawberry.Info[Call, None],
        id: Annotated[strawberry.ID, strawberry.argument(description="Its id, cal_…, as in the header webhook-id")],  # noqa: A002  # the argument's public name
    ) -> WebhookDeliveryNode | None:
        """One of your deliveries; null if you have no such delivery."""
        call_id = read_argument("id", parse_public, "call", id)
        found: WebhookDeliveryNode | None = find(info, "call", call_id, ids_beside(info, "call"))
        return found

    @strawberry.field
    def webhook_deliveries(
        self,
        info: strawberry.Info[Call, None],
        endpoint: Annotated[strawberry.ID, strawberry.argument(description="The endpoint, end_…")],
        state: Annotated[
            WebhookDeliveryState | None,
            strawberry.argument(description="Only those in this state; GIVEN_UP are the dead letters."),
        ] = None,
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        min_position: MinPosition = None,
    ) -> Connection[WebhookDeliveryNode]:
        """Deliveries to an endpoint of yours, those that changed last first."""
        call = info.context
        cursors = _CURSORS.of(call)
        piece = cursors.slice(first, after, last, before)
        endpoint_id = EndpointId(read_argument("endpoint", parse_public, "endpoint", endpoint))
        states = ALL_STATES if state is None else (CallState(str(state.value)),)
        reader = call.reader(min_position)

        def read() -> list[OutboundCall]:
            return deliveries_page(reader, call.book_id, endpoint_id, piece.with_one_more, states=states)

        nodes = show_deliveries(loaded_once(call, ("webhook deliveries", endpoint_id, piece, states), read))
        return page(nodes, lambda node: cursors.write(node.position), piece, as_of=position(call))


def show_deliveries(found: Sequence[OutboundCall]) -> list[WebhookDeliveryNode]:
    """Return the nodes of deliveries that are read together."""
    siblings = Siblings([each.call_id for each in found])
    return [_shown(each, siblings) for each in found]


def _shown(found: OutboundCall, siblings: Siblings[CallId]) -> WebhookDeliveryNode:
    return WebhookDeliveryNode(
        id=strawberry.ID(public("call", found.call_id)),
        event_type=found.topic,
        event_position=Position(found.about_seq),
        state=WebhookDeliveryState(found.state),
        attempt_count=found.attempt,
        begun_at=found.begun_at,
        next_attempt_at=found.due_at,
        status=found.status,
        fault=None if found.fault is None else WebhookFault(found.fault),
        changed_at=found.recorded_at,
        position=Position(found.seq),
        stored=found,
        beside=siblings,
    )


def _attempt(fact: OutboundCall) -> WebhookAttempt:
    return WebhookAttempt(
        ended_at=fact.recorded_at,
        state=WebhookDeliveryState(fact.state),
        status=fact.status,
        fault=None if fact.fault is None else WebhookFault(fact.fault),
    )


def _deliveries(call: Call, ids: Sequence[UUID]) -> dict[UUID, WebhookDeliveryNode]:
    found = deliveries(call.reader(), call.book_id, [CallId(each) for each in ids])
    return dict(zip(found, show_deliveries(list(found.values())), strict=True))


NODES: Final[Mapping[str, Finder]] = {"call": _deliveries}
