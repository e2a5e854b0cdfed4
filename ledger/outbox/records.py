"""Records of the outbox: endpoints of partners, calls to them, and the calls that are still to be made."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, NewType
from uuid import UUID

from ledger.kernel.constraints import Check, Index
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.record import Col, Fact, Record, record
from ledger.kernel.rights import Changes, Readers

EndpointId = NewType("EndpointId", UUID)
CallId = NewType("CallId", UUID)


class EndpointState(StrEnum):
    """The state of an endpoint in its life cycle."""

    ACTIVE = "active"
    RETIRED = "retired"


class CallState(StrEnum):
    """The state of a call in its life cycle."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class CallFault(StrEnum):
    """The reason why an attempt was not received."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    WRONG_RECEIPT = "wrong_receipt"
    ENDPOINT_RETIRED = "endpoint_retired"


@record
class Endpoint(Fact):
    """An address at which a partner receives calls, from this position on; a later fact of the same id retires it."""

    TABLE = "endpoints"
    PUBLIC_IDS = (("endpoint", "end"),)
    CONSTRAINTS = (Index(("book_id", "endpoint_id", "seq")), Index(("book_id", "partner_id", "seq")))
    endpoint_id: Annotated[EndpointId, Col("Id of the endpoint.")]
    partner_id: Annotated[PartnerId, Col("The partner that is called there.")]
    address: Annotated[str, Col("The URL that is called.", withheld=True)]
    is_active: Annotated[bool, Col("False if this fact retires the endpoint.")]
    actor: Annotated[str, Col("The actor that registered or retired it.")]
    reason: Annotated[str, Col("The reason, in the actor's words.")]


@record
class OutboundCall(Fact):
    """A call to the outside: the intent, and at later positions of the same id each attempt and each replay."""

    TABLE = "outbound_calls"
    PUBLIC_IDS = (("call", "cal"),)
    CONSTRAINTS = (
        Index(("book_id", "call_id", "seq")),
        Check("due", "(state = 'waiting') = (due_at IS NOT NULL)"),
    )
    call_id: Annotated[CallId, Col("Id of the call; the other side gets it with every attempt.")]
    partner_id: Annotated[PartnerId, Col("The partner that is called.")]
    endpoint_id: Annotated[EndpointId, Col("The endpoint of the call.")]
    topic: Annotated[str, Col("The kind of event, such as monitor_triggered.")]
    about_seq: Annotated[int, Col("Position of the event.")]
    state: Annotated[CallState, Col("The state of the call from here on.")]
    attempt: Annotated[int, Col("The number of attempts since the intent or the newest replay.", bits=32)]
    begun_at: Annotated[datetime, Col("Instant of the intent, or of the newest replay.")]
    due_at: Annotated[datetime | None, Col("The instant of the next attempt; null if there is none.")]
    status: Annotated[int | None, Col("The status that the other side answered; null if there was no answer.")]
    fault: Annotated[CallFault | None, Col("The fault of a failed attempt; null if it was received, or none was made.")]
    actor: Annotated[str, Col("The actor that recorded it.")]
    reason: Annotated[str, Col("The reason why it was recorded.")]


@record
class WaitingCall(Record):
    """A call that is still to be made: a projection of its facts, which `verify` derives again."""

    TABLE = "waiting_calls"
    IN_LAKE = False
    CONSTRAINTS = (Index(("book_id", "due_at", "call_id")),)
    CHANGES = Changes(("seq", "attempt", "begun_at", "due_at", "claimed_until_at"), deletes=True)
    READERS = Readers.NONE
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
    call_id: Annotated[CallId, Col("Id of the call.", key=True)]
    partner_id: Annotated[PartnerId, Col("The partner that is called.")]
    endpoint_id: Annotated[EndpointId, Col("The endpoint of the call.")]
    topic: Annotated[str, Col("The kind of event, such as monitor_triggered.")]
    about_seq: Annotated[int, Col("Position of the event.")]
    seq: Annotated[int, Col("Position of the newest fact of the call.")]
    attempt: Annotated[int, Col("The number of attempts since the intent or the newest replay.", bits=32)]
    begun_at: Annotated[datetime, Col("Instant of the intent, or of the newest replay.")]
    due_at: Annotated[datetime, Col("The instant of the next attempt.")]
    claimed_until_at: Annotated[datetime | None, Col("The instant until which a process has claimed it.")]
