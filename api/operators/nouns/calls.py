"""Endpoints of partners and calls to them in the operators' schema, and the mutation that replays a call."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api.graphql.arguments import read_argument
from api.graphql.connections import After, Before, First, Last
from api.operators.changes import Change, IdempotencyKey, requested
from api.operators.connections import BookName, Connection, Paging, fact_page
from api.operators.context import OperatorCall
from api.operators.refusals import Refused, shown
from api.operators.scalars import JournalPosition
from ledger.kernel import errors
from ledger.kernel.work import Work
from ledger.outbox.calls import replay
from ledger.outbox.records import CallId, Endpoint, OutboundCall
from ledger.public_ids import parse_public, public


@strawberry.type(name="Endpoint")
class EndpointNode:
    """An address at which a partner receives calls, as it was registered or retired."""

    id: strawberry.ID = strawberry.field(description="Its id, end_….")
    partner_id: strawberry.ID = strawberry.field(description="The partner that is called there.")
    address: str = strawberry.field(description="The URL that is called.")
    is_active: bool = strawberry.field(description="False if it was retired here.")
    actor: str = strawberry.field(description="The actor that registered or retired it.")
    reason: str = strawberry.field(description="The reason, in the actor's words.")
    position: JournalPosition = strawberry.field(description="The journal position of the fact.")
    recorded_at: datetime = strawberry.field(description="The instant of recording.")


@strawberry.type(name="CallStep")
class CallStepNode:
    """A step of a call to a partner: its intent, an attempt, or a replay."""

    id: strawberry.ID = strawberry.field(description="The id of the call, cal_….")
    partner_id: strawberry.ID = strawberry.field(description="The partner that is called.")
    endpoint_id: strawberry.ID = strawberry.field(description="The endpoint of the call.")
    topic: str = strawberry.field(description="The kind of event.")
    about_position: JournalPosition = strawberry.field(description="The journal position of the event.")
    state: str = strawberry.field(description="The state from here on: waiting, delivered or given_up.")
    attempt: int = strawberry.field(description="The number of attempts since the intent or the newest replay.")
    due_at: datetime | None = strawberry.field(description="The instant of the next attempt; null: there is none.")
    status: int | None = strawberry.field(description="The status that the other side answered.")
    fault: str | None = strawberry.field(description="The fault of a failed attempt.")
    actor: str = strawberry.field(description="The actor that recorded it.")
    reason: str = strawberry.field(description="The reason why it was recorded.")
    position: JournalPosition = strawberry.field(description="The journal position of the step.")
    recorded_at: datetime = strawberry.field(description="The instant of recording.")


@strawberry.input
class ReplayCallInput:
    """The call to make again."""

    book: str = strawberry.field(description="The book, by its name.")
    call: strawberry.ID = strawberry.field(description="The call, cal_….")
    reason: str = strawberry.field(description="Your reason, which is recorded: 1 to 500 characters.")


@strawberry.type
class ReplayedCall(Change):
    """The call, which is made again."""

    id: strawberry.ID = strawberry.field(description="The call.")


ReplayCallResult = Annotated[
    ReplayedCall | Refused,
    strawberry.union("ReplayCallResult", description="The call, or the reason why it is not made again."),
]


@strawberry.type
class CallQueries:
    """Queries of endpoints and calls."""

    @strawberry.field
    def endpoints(
        self,
        info: strawberry.Info[OperatorCall, None],
        book: BookName,
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[EndpointNode]:
        """Endpoints of a book's partners as they were registered and retired, the newest first."""
        return fact_page(info.context, book, Endpoint, _endpoint, paging=Paging(first, after, last, before))

    @strawberry.field
    def call_steps(
        self,
        info: strawberry.Info[OperatorCall, None],
        book: BookName,
        call: Annotated[strawberry.ID | None, strawberry.argument(description="Only those of this call.")] = None,
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[CallStepNode]:
        """Every step of a call to a partner of a book, the newest first."""
        only = None if call is None else {"call_id": read_argument("call", parse_public, "call", call)}
        return fact_page(info.context, book, OutboundCall, _step, paging=Paging(first, after, last, before), only=only)


@strawberry.type
class CallMutations:
    """Mutations of calls."""

    @strawberry.mutation
    def replay_call(
        self,
        info: strawberry.Info[OperatorCall, None],
        wanted: Annotated[ReplayCallInput, strawberry.argument(name="input", description="The call.")],
        idempotency_key: IdempotencyKey,
    ) -> ReplayCallResult | None:
        """Make a call again that was delivered or given up."""
        call = info.context
        try:
            request = requested(call, "replayCall", wanted, idempotency_key)
            call_id = CallId(read_argument(("input", "call"), parse_public, "call", wanted.call))

            def do(work: Work) -> UUID:
                replay(work, request.book_id, call_id, reason=wanted.reason)
                return call_id

            done = call.change(request, do)
            return ReplayedCall(position=JournalPosition(done.seq), is_replay=done.is_replay, id=wanted.call)
        except errors.Refusal as refusal:
            return shown(refusal)


def _endpoint(fact: Endpoint) -> EndpointNode:
    return EndpointNode(
        id=strawberry.ID(public("endpoint", fact.endpoint_id)),
        partner_id=strawberry.ID(public("partner", fact.partner_id)),
        address=fact.address,
        is_active=fact.is_active,
        actor=fact.actor,
        reason=fact.reason,
        position=JournalPosition(fact.seq),
        recorded_at=fact.recorded_at,
    )


def _step(fact: OutboundCall) -> CallStepNode:
    return CallStepNode(
        id=strawberry.ID(public("call", fact.call_id)),
        partner_id=strawberry.ID(public("partner", fact.partner_id)),
        endpoint_id=strawberry.ID(public("endpoint", fact.endpoint_id)),
        topic=fact.topic,
        about_position=JournalPosition(fact.about_seq),
        state=fact.state,
        attempt=fact.attempt,
        due_at=fact.due_at,
        status=fact.status,
        fault=fact.fault,
        actor=fact.actor,
        reason=fact.reason,
        position=JournalPosition(fact.seq),
        recorded_at=fact.recorded_at,
    )
