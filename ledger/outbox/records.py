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
    PAUSED = "paused"
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
    """An address at which a partner receives webhooks, with its settings from this position on; the newest ones apply.

    The columns without a value are settings that were not made: such an endpoint is called about its monitors alone,
    without a signature.
    """

    TABLE = "endpoints"
    PUBLIC_IDS = (("endpoint", "end"),)
    CONSTRAINTS = (Index(("book_id", "endpoint_id", "seq")), Index(("book_id", "partner_id", "seq")))
    endpoint_id: Annotated[EndpointId, Col("Id of the endpoint.")]
    partner_id: Annotated[PartnerId, Col("The partner that is called there.")]
    address: Annotated[str, Col("The URL that is called.", withheld=True)]
    is_active: Annotated[bool, Col("False if this fact retires the endpoint.")]
    actor: Annotated[str, Col("The actor that registered or retired it.")]
    reason: Annotated[str, Col("The reason, in the actor's words.")]
    event_types: Annotated[
        str | None, Col("Types of the events that are sent there, in order, separated by blanks; null: the default.")
    ]
    is_ordered: Annotated[
        bool | None,
        Col("True if an event waits until the earlier ones of its accounts have been received or given up."),
    ]
    concurrency: Annotated[int | None, Col("Maximum number of calls at a time; null: the default.", bits=32)]
    is_paused: Annotated[bool | None, Col("True while events wait until the endpoint is resumed.")]
    secret: Annotated[str | None, Col("The signing secret, sealed under a key of its own.", pii=True, withheld=True)]
    previous_secret: Annotated[
        str | None, Col("The secret before the newest rotation, sealed in the same way.", pii=True, withheld=True)
    ]
    previous_secret_until_at: Annotated[datetime | None, Col("The instant until which the previous secret signs too.")]

    @property
    def state(self) -> EndpointState:
        """The state of the endpoint from here on."""
        if not self.is_active:
            return EndpointState.RETIRED
        return EndpointState.PAUSED if self.is_paused else EndpointState.ACTIVE


@record
class OutboundCall(Fact):
    """A call to the outside: the intent, and at later positions of the same id each attempt and each replay."""

    TABLE = "outbound_calls"
    PUBLIC_IDS = (("call", "cal"),)
    CONSTRAINTS = (
        Index(("book_id", "call_id", "seq")),
        Index(("book_id", "endpoint_id", "state", "seq")),
        Check("due", "(state = 'waiting') = (due_at IS NOT NULL)"),
    )
    call_id: Annotated[CallId, Col("Id of the call; the other side gets it with every attempt.")]
    partner_id: Annotated[PartnerId, Col("The partner that is called.")]
    endpoint_id: Annotated[EndpointId, Col("The endpoint of the call.")]
    topic: Annotated[str, Col("The type of the event, such as transfer.posted.")]
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
    CONSTRAINTS = (
        Index(("book_id", "due_at", "call_id")),
        Index(("book_id", "endpoint_id", "about_seq", "call_id")),
        Index(("book_id", "endpoint_id", "due_at", "call_id")),
    )
    CHANGES = Changes(("seq", "attempt", "begun_at", "due_at", "claimed_until_at"), deletes=True)
    READERS = Readers.NONE
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
    call_id: Annotated[CallId, Col("Id of the call.", key=True)]
    partner_id: Annotated[PartnerId, Col("The partner that is called.")]
    endpoint_id: Annotated[EndpointId, Col("The endpoint of the call.")]
    topic: Annotated[str, Col("The type of the event, such as transfer.posted.")]
    about_seq: Annotated[int, Col("Position of the event.")]
    seq: Annotated[int, Col("Position of the newest fact of the call.")]
    attempt: Annotated[int, Col("The number of attempts since the intent or the newest replay.", bits=32)]
    begun_at: Annotated[datetime, Col("Instant of the intent, or of the newest replay.")]
    due_at: Annotated[datetime, Col("The instant of the next attempt.")]
    claimed_until_at: Annotated[datetime | None, Col("The instant until which a process has claimed it.")]
