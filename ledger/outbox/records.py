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
    is_active: Annotated[bool, Col("False where this fact retires the endpoint.")]
    actor: Annotated[str, Col("Who registered or retired it.")]
    reason: Annotated[str, Col("Why, in the actor's words.")]


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
    endpoint_id: Annotated[EndpointId, Col("Where it is called.")]
    topic: Annotated[str, Col("What the call tells of, such as monitor_triggered.")]
    about_seq: Annotated[int, Col("Position of the fact that it tells of.")]
    state: Annotated[CallState, Col("Where it stands from here on.")]
    attempt: Annotated[int, Col("How many attempts were made since the intent or the newest replay.", bits=32)]
    begun_at: Annotated[datetime, Col("Instant of the intent, or of the newest replay.")]
    due_at: Annotated[datetime | None, Col("When it is attempted next; null where it is not.")]
    status: Annotated[int | None, Col("The status that the other side answered with; null where there was none.")]
    fault: Annotated[CallFault | None, Col("Why the attempt was not received; null where it was, or none was made.")]
    actor: Annotated[str, Col("Who recorded it.")]
    reason: Annotated[str, Col("Why it was recorded.")]


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
    endpoint_id: Annotated[EndpointId, Col("Where it is called.")]
    topic: Annotated[str, Col("What the call tells of, such as monitor_triggered.")]
    about_seq: Annotated[int, Col("Position of the fact that it tells of.")]
    seq: Annotated[int, Col("Position of the newest fact of the call.")]
    attempt: Annotated[int, Col("How many attempts were made since the intent or the newest replay.", bits=32)]
    begun_at: Annotated[datetime, Col("Instant of the intent, or of the newest replay.")]
    due_at: Annotated[datetime, Col("When it is attempted next.")]
    claimed_until_at: Annotated[datetime | None, Col("Until when the process that attempts it has it for itself.")]
