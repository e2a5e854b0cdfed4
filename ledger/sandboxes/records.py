"""Records of sandboxes: each move of a clock, and the requests of test keys for a while."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, NewType
from uuid import UUID

from ledger.kernel.constraints import Check, Index, Refers
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.record import Col, Fact, Record, record
from ledger.kernel.rights import Changes
from ledger.tenancy.records import ApiKeyId

SandboxRequestId = NewType("SandboxRequestId", UUID)


class RequestOutcome(StrEnum):
    """The outcome of a request: it was done, refused by a type of its result, or failed with an error."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@record
class SandboxClockAdvance(Fact):
    """A move of a sandbox's clock, forward; all that is recorded after it has the later time."""

    TABLE = "sandbox_clock_advances"
    CONSTRAINTS = (
        Refers(("book_id", "partner_id"), "partners"),
        Check("forward", "moved_to_at >= moved_from_at"),
    )
    partner_id: Annotated[PartnerId, Col("The partner whose sandbox it is.")]
    moved_from_at: Annotated[datetime, Col("What the clock showed before.")]
    moved_to_at: Annotated[datetime, Col("What it shows from then on, running as fast as real time.")]
    ahead_us: Annotated[int, Col("Microseconds by which it is ahead of real time from then on.")]
    actor: Annotated[str, Col("The actor that moved it.")]


@record
class SandboxRequest(Record):
    """A request that was sent with a test key: what it asked, sealed, and what became of it; kept for 30 days."""

    TABLE = "sandbox_requests"
    PUBLIC_IDS = (("sandbox_request", "req"),)
    IN_LAKE = False
    CONSTRAINTS = (
        Refers(("book_id", "partner_id"), "partners"),
        Index(("book_id", "partner_id", "sandbox_request_id")),
        Index(("asked_at",)),
    )
    CHANGES = Changes(deletes=True)
    book_id: Annotated[BookId, Col("The sandbox.", key=True, bits=32)]
    sandbox_request_id: Annotated[SandboxRequestId, Col("Id of the request, in the order of time.", key=True)]
    partner_id: Annotated[PartnerId, Col("The partner whose test key it was sent with.")]
    api_key_id: Annotated[ApiKeyId, Col("The test key.")]
    asked_at: Annotated[datetime, Col("The instant at which it arrived, in real time.")]
    request_id: Annotated[str, Col("The id in its answer and in the log.")]
    operation_name: Annotated[str | None, Col("Name of the operation; null if it has none, or was not executed.")]
    operation_type: Annotated[str | None, Col("query or mutation; null if it was not executed.")]
    document_sha256: Annotated[bytes, Col("SHA-256 of the document, by which a trusted document is named.")]
    asked: Annotated[
        str | None,
        Col("Document and variables as JSON, without secret texts; null if the document was not executed.", pii=True),
    ]
    has_secrets: Annotated[bool, Col("A secret text was left out, so that it cannot be sent again.")]
    status: Annotated[int, Col("HTTP status of the answer.", bits=32)]
    outcome: Annotated[RequestOutcome, Col("Its outcome.")]
    codes: Annotated[str, Col("The codes of its refusals and errors, separated by blanks.")]
    duration_us: Annotated[int, Col("Microseconds until it was answered.")]
    position: Annotated[int | None, Col("The newest position that it recorded at; null if it recorded nothing.")]
