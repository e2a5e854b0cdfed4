"""Requests that were answered, by the key that names each of them."""

from typing import Annotated

from ledger.kernel.ids import BookId, PartnerId, RequestId
from ledger.kernel.record import Col, Record, record


@record
class AnsweredRequest(Record):
    """A request for something that is no transfer and was done: the same key again does not do it again."""

    TABLE = "answered_requests"
    IN_LAKE = False
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
    request_id: Annotated[RequestId, Col("Id of the request, which follows from the partner and the key.", key=True)]
    partner_id: Annotated[PartnerId, Col("The partner who asked.")]
    content_hash: Annotated[bytes, Col("SHA-256 of what was asked for.")]
    answered_seq: Annotated[int, Col("Position of the fact that it came to.")]
