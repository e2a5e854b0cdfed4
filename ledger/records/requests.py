"""Requests that were answered, by the key that names each of them."""

from typing import Annotated

from ledger.kernel.ids import BookId, PartnerId, RequestId
from ledger.kernel.record import Col, Record, record
from ledger.records.facts import Fact


@record
class RequestAnswer(Fact):
    """A request for something that is no transfer was done: by its key, what was asked for, and what it came to."""

    TABLE = "request_answers"
    request_id: Annotated[RequestId, Col("Id of the request, which follows from the partner and the key.")]
    partner_id: Annotated[PartnerId, Col("The partner who asked.")]
    content_hash: Annotated[bytes, Col("SHA-256 of what was asked for.")]
    answered_seq: Annotated[int, Col("Position of the fact that it came to.")]
    actor: Annotated[str, Col("Who asked.")]


@record
class AnsweredRequest(Record):
    """A request that was done, so that the same key does not do it again: a projection of its answer."""

    TABLE = "answered_requests"
    IN_LAKE = False
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
    request_id: Annotated[RequestId, Col("Id of the request, which follows from the partner and the key.", key=True)]
    partner_id: Annotated[PartnerId, Col("The partner who asked.")]
    content_hash: Annotated[bytes, Col("SHA-256 of what was asked for.")]
    answered_seq: Annotated[int, Col("Position of the fact that it came to.")]
