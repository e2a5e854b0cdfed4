"""Mutations of deliveries of webhooks: tests, and replays of one delivery or of a range of events."""

from datetime import datetime
from typing import Annotated, Final

import strawberry

from api.context import Call
from api.graphql import refusals
from api.graphql.answers import Success
from api.graphql.mistakes import Mistakes
from api.graphql.nouns.webhook_deliveries import WebhookDeliveryNode, show_deliveries
from api.graphql.scalars import Ordinal, Position
from api.graphql.validation import IdempotencyKey
from ledger.flows.webhook_replays import Replayed, ReplayRange, replay_events, replayed_at
from ledger.flows.webhooks import send_test_event
from ledger.kernel import errors
from ledger.kernel.texts import checked_text
from ledger.kernel.work import Work
from ledger.outbox.calls import replay
from ledger.outbox.delivery_log import delivery_at
from ledger.outbox.records import CallId, EndpointId
from ledger.public_ids import parse_public
from ledger.tenancy.idempotency import Answer

_REASON: Final = "the partner asked"


@strawberry.input
class SendTestWebhookInput:
    """The endpoint to test."""

    endpoint: strawberry.ID = strawberry.field(description="The endpoint, end_…")


@strawberry.input
class ReplayWebhookDeliveryInput:
    """The delivery to make again."""

    delivery: strawberry.ID = strawberry.field(description="The delivery, cal_…")


@strawberry.input
class ReplayWebhooksInput:
    """The events to send again to an endpoint, of the types that it subscribes to now."""

    endpoint: strawberry.ID = strawberry.field(description="The endpoint, end_…")
    since: Ordinal | None = strawberry.field(default=None, description="Only events after this position.")
    recorded_from: datetime | None = strawberry.field(
        default=None, description="Only events that were recorded at this instant or later."
    )
    recorded_until: datetime | None = strawberry.field(
        default=None, description="Only events that were recorded before this instant."
    )
    only_given_up: bool = strawberry.field(default=False, description="True: only the dead letters.")


@strawberry.type
class ScheduledWebhook(Success):
    """The delivery, which is made at once."""

    delivery: WebhookDeliveryNode = strawberry.field(description="The delivery.")


@strawberry.type
class ReplayedWebhooks(Success):
    """The events are due again, in their order; the deliveries have the same ids as before."""

    count: int = strawberry.field(description="The number of events, up to 1,000; those that waited are not counted.")
    continue_since: Position | None = strawberry.field(
        description="Where to continue if there may be more: replay again `since` there. Null: the range is done."
    )


ScheduledWebhookResult = Annotated[
    ScheduledWebhook
    | refusals.NotFound
    | refusals.IllegalTransition
    | refusals.InvalidInput
    | refusals.IdempotencyConflict
    | refusals.Unavailable,
    strawberry.union("ScheduledWebhookResult", description="The delivery, or the reason why none is made."),
]
ReplayedWebhooksResult = Annotated[
    ReplayedWebhooks
    | refusals.NotFound
    | refusals.IllegalTransition
    | refusals.InvalidInput
    | refusals.IdempotencyConflict
    | refusals.Unavailable,
    strawberry.union("ReplayedWebhooksResult", description="What is sent again, or the reason why nothing is."),
]


@strawberry.type
class WebhookDeliveryMutations:
    """Mutations of deliveries of webhooks."""

    @strawberry.mutation
    def send_test_webhook(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[SendTestWebhookInput, strawberry.argument(name="input", description="The endpoint.")],
        idempotency_key: IdempotencyKey,
    ) -> ScheduledWebhookResult | None:
        """Send an event of the type `webhook.test` to an endpoint."""
        call = info.context
        try:
            endpoint_id = _endpoint_id(wanted.endpoint, idempotency_key)
            content = {"sendTestWebhook": wanted.endpoint}

            def do(work: Work) -> int:
                return send_test_event(work, call.book_id, endpoint_id, idempotency_key)

            return scheduled_webhook(call, call.once(idempotency_key, content, do))
        except errors.Refusal as refusal:
            return refusals.shown_of_step(refusal, "input", "endpoint")

    @strawberry.mutation
    def replay_webhook_delivery(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[ReplayWebhookDeliveryInput, strawberry.argument(name="input", description="The delivery.")],
        idempotency_key: IdempotencyKey,
    ) -> ScheduledWebhookResult | None:
        """Make a delivery again that was received or given up, under the same id."""
        call = info.context
        try:
            mistakes = Mistakes()
            call_id = CallId(mistakes.at("input").read("delivery", parse_public, "call", wanted.delivery))
            mistakes.read("idempotencyKey", checked_text, "idempotencyKey", idempotency_key)
            mistakes.refuse()
            content = {"replayWebhookDelivery": wanted.delivery}

            def do(work: Work) -> int:
                return replay(work, call.book_id, call_id, reason=_REASON)

            return scheduled_webhook(call, call.once(idempotency_key, content, do))
        except errors.Refusal as refusal:
            return refusals.shown_of_step(refusal, "input", "delivery")

    @strawberry.mutation
    def replay_webhooks(
        self,
        info: strawberry.Info[Call, None],
        wanted: Annotated[ReplayWebhooksInput, strawberry.argument(name="input", description="The events.")],
        idempotency_key: IdempotencyKey,
    ) -> ReplayedWebhooksResult | None:
        """Send the events of a range again, also those that the endpoint was never sent, such as from before it was."""
        call = info.context
        try:
            endpoint_id = _endpoint_id(wanted.endpoint, idempotency_key)
            asked = _range(call, wanted)
            made: list[Replayed] = []

            def do(work: Work) -> int:
                made.append(replay_events(work, call.book_id, endpoint_id, asked))
                return made[-1].seq

            done = call.once(idempotency_key, _content(wanted), do)
            found = replayed_at(call.reader(), call.book_id, endpoint_id, done.seq) if done.is_replay else made[-1]
            return _replayed(done, found)
        except errors.Refusal as refusal:
            return refusals.shown_of_step(refusal, "input", "endpoint")


def scheduled_webhook(call: Call, done: Answer) -> ScheduledWebhook:
    """Return the answer to a request for one delivery."""
    (delivery,) = show_deliveries([delivery_at(call.reader(), call.book_id, done.seq)])
    return ScheduledWebhook(delivery=delivery, position=Position(done.seq), is_replay=done.is_replay)


def _endpoint_id(named: strawberry.ID, key: str) -> EndpointId:
    mistakes = Mistakes()
    endpoint_id = EndpointId(mistakes.at("input").read("endpoint", parse_public, "endpoint", named))
    mistakes.read("idempotencyKey", checked_text, "idempotencyKey", key)
    mistakes.refuse()
    return endpoint_id


def _range(call: Call, wanted: ReplayWebhooksInput) -> ReplayRange:
    after = None if wanted.since is None else call.position_of(wanted.since)
    return ReplayRange(after, wanted.recorded_from, wanted.recorded_until, wanted.only_given_up)


def _content(wanted: ReplayWebhooksInput) -> dict[str, object]:
    instants = (wanted.recorded_from, wanted.recorded_until)
    bounds = [None if each is None else each.isoformat() for each in instants]
    return {"replayWebhooks": wanted.endpoint, "since": wanted.since, "between": bounds, "lost": wanted.only_given_up}


def _replayed(done: Answer, found: Replayed) -> ReplayedWebhooks:
    after = None if found.continue_after is None else Position(found.continue_after)
    return ReplayedWebhooks(
        count=found.event_count, continue_since=after, position=Position(done.seq), is_replay=done.is_replay
    )
