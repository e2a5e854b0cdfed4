"""Requests that were answered, by the key that names each of them."""

from typing import Annotated

from ledger.kernel.ids import BookId, PartnerId, RequestId
from ledger.kernel.record import Col, Record, record
from ledger.records.facts import Fact


@record
class RequestAnswer(Fact):
    """A request for something that is no transfer was answered: by its key, what was asked for, and what it came to."""

    TABLE = "request_answers"
    request_id: Annotated[RequestId, Col("Id of the request, which follows from the partner and the key.")]
    partner_id: Annotated[PartnerId, Col("The partner who asked.")]
    content_hash: Annotated[bytes, Col("SHA-256 of what was asked for.")]
    answered_seq: Annotated[int, Col("Position of the fact that it came to.")]
    actor: Annotated[str, Col("Who asked.")]
    refusal_code: Annotated[str | None, Col("The code of its refusal; null where it was done.")]
    refusal: Annotated[str | None, Col("Why it was refused, in the words of the answer.", withheld=True)]


@record
class AnsweredRequest(Record):
    """A request that was answered, so that the same key gets the same answer: a projection of that answer."""

    TABLE = "answered_requests"
    IN_LAKE = False
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
    request_id: Annotated[
        RequestId, Col("Id of the request, which follows from the partner and the key, as a transfer's does.", key=True)
    ]
    partner_id: Annotated[PartnerId, Col("The partner who asked.")]
    content_hash: Annotated[bytes, Col("SHA-256 of what was asked for.")]
    answered_seq: Annotated[
        int, Col("Position of the fact that it came to; where it was refused, that of the head then.")
    ]
    refusal_code: Annotated[str | None, Col("The code of its refusal; null where it was done.")]
    refusal: Annotated[str | None, Col("Why it was refused, in the words of the answer; null where it was done.")]
