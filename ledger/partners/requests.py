"""Requests that are done once: whoever sends one again with its key learns what it came to, and changes nothing."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import NamedTuple

import sqlalchemy as sa

from ledger.events import journal
from ledger.kernel.errors import IdempotencyConflict
from ledger.kernel.ids import BookId, PartnerId, RequestId, derived_id
from ledger.kernel.work import Work
from ledger.partners.request_tables import ANSWERED_REQUESTS
from ledger.records.requests import RequestAnswer


class Request(NamedTuple):
    """Something that a partner asks for under a key; `content` is all that it says, in values of JSON."""

    book_id: BookId
    partner_id: PartnerId
    key: str
    content: Mapping[str, object]

    @property
    def request_id(self) -> RequestId:
        """Its id, which follows from who asks and the key."""
        return RequestId(derived_id(self.book_id, self.partner_id, "request", self.key))

    @property
    def content_hash(self) -> bytes:
        """The SHA-256 of its content."""
        return hashlib.sha256(json.dumps(self.content, sort_keys=True).encode()).digest()


def once(work: Work, request: Request, do: Callable[[], int]) -> int:
    """The position that a request came to: `do` says it the first time, and is not called again.

    A `do` that raises leaves the key free. Raises `IdempotencyConflict` where the key was used for something else.
    """
    # The head's lock makes requests of one book take turns, so that what is read here is still true when written.
    journal.open_batch(work, request.book_id)
    table = ANSWERED_REQUESTS.c
    query = sa.select(table.content_hash, table.answered_seq).where(
        table.book_id == request.book_id, table.request_id == request.request_id
    )
    known = work.connection.execute(query).one_or_none()
    if known is None:
        seq = do()
        _keep(work, request, seq)
        return seq
    if known.content_hash != request.content_hash:
        raise IdempotencyConflict("this key was used for another request; send new requests with new keys")
    return int(known.answered_seq)


def _keep(work: Work, request: Request, seq: int) -> None:
    answer = {
        "request_id": request.request_id,
        "partner_id": request.partner_id,
        "content_hash": request.content_hash,
        "answered_seq": seq,
    }
    work.connection.execute(ANSWERED_REQUESTS.insert().values(book_id=request.book_id, **answer))
    fact = journal.draft(RequestAnswer, **answer, actor=work.actor)
    journal.seal(work, journal.open_batch(work, request.book_id), [fact])
