"""Requests that are answered once: a repeated key gets the first answer, and changes nothing.

The book itself binds a request for transfers to its key, by the id that it stores of each transfer; every other request
is bound here, under the id that a transfer with its key would have: so no key serves two requests of any kind.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from ledger.journal import journal
from ledger.kernel.errors import IdempotencyConflict, Refusal, lasting_refusal
from ledger.kernel.ids import BookId, PartnerId, derived_id
from ledger.kernel.log_context import bind
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.tenancy.records import AnsweredRequest, RequestAnswer, RequestId

_ANSWERED_REQUESTS: Final = table(AnsweredRequest)


_CONFLICT: Final = "this key was used for another request; send new requests with new keys"


class Request(NamedTuple):
    """A partner's request under a key; `content` is all of it, in JSON values."""

    book_id: BookId
    partner_id: PartnerId
    key: str
    content: Mapping[str, object]

    @property
    def request_id(self) -> RequestId:
        """The id derived from partner and key: that of the first transfer of a request with this key."""
        return RequestId(derived_id(self.book_id, self.partner_id, "transfer", self.key, 0))

    @property
    def content_hash(self) -> bytes:
        """The SHA-256 of its content."""
        return hashlib.sha256(json.dumps(self.content, sort_keys=True).encode()).digest()


class Answer(NamedTuple):
    """The position of a request's result, and whether an earlier sending of the request had it.

    Of a refused request it is the position of the head at that time, with the refusal.
    """

    seq: int
    refusal: Refusal | None = None
    is_replay: bool = False


Taken = Callable[[Work, BookId, UUID], int | None]
"""Returns the position at which the book decided the transfer with an id, or None if it knows none."""


def once(
    works: Callable[[], AbstractContextManager[Work]],
    request: Request,
    do: Callable[[Work], int],
    *,
    taken_at: Taken,
) -> Answer:
    """Return the position of a request's result; `do` computes it the first time, and is not called again.

    All of it is one unit of work of `works`. A refusal of `do` that depends on the book is repeated whenever the
    request comes again; any other error leaves the key free. Raises `IdempotencyConflict` if the key was used for
    something else.
    """
    with works() as work:
        answer = _answer(work, request, do, taken_at=taken_at)
    if answer.refusal is not None:
        answer.refusal.is_replay = answer.is_replay
        raise answer.refusal
    bind(position=answer.seq)
    return answer


def answer_to(reader: Reader, book_id: BookId, partner_id: PartnerId, key: str) -> Answer | None:
    """Return the answer to the request of a key; None if the key is free, or is that of a transfer."""
    known = reader.connection.execute(_KNOWN, _named(Request(book_id, partner_id, key, {}))).one_or_none()
    return None if known is None else _known_answer(known)


def _answer(work: Work, request: Request, do: Callable[[Work], int], *, taken_at: Taken) -> Answer:
    # The lock on the head serialises requests of one book, so that what is read here still holds when the answer is
    # written.
    batch = journal.open_batch(work, request.book_id)
    known = work.connection.execute(_KNOWN, _named(request)).one_or_none()
    if known is None:
        taken_seq = taken_at(work, request.book_id, request.request_id)
        if taken_seq is not None:
            raise IdempotencyConflict(_CONFLICT, first_seq=taken_seq)
        return _first_answer(work, request, do, head_seq=batch.head.last_seq)
    if known.content_hash != request.content_hash:
        first_seq = known.answered_seq if known.refusal_code is None else None
        raise IdempotencyConflict(_CONFLICT, first_seq=first_seq)
    return _known_answer(known)


def _known_answer(known: sa.Row[Any]) -> Answer:
    refusal = None if known.refusal_code is None else lasting_refusal(known.refusal_code, known.refusal)
    return Answer(int(known.answered_seq), refusal, is_replay=True)


def _first_answer(work: Work, request: Request, do: Callable[[Work], int], *, head_seq: int) -> Answer:
    try:
        with work.connection.begin_nested():
            answer = Answer(do(work))
    except Refusal as refusal:
        if not refusal.is_lasting:
            raise
        answer = Answer(head_seq, refusal)
    said = {
        "request_id": request.request_id,
        "partner_id": request.partner_id,
        "content_hash": request.content_hash,
        "answered_seq": answer.seq,
        "refusal_code": None if answer.refusal is None else answer.refusal.code,
        "refusal": None if answer.refusal is None else str(answer.refusal),
    }
    work.connection.execute(_KEEP, {"book_id": request.book_id, **said})
    fact = journal.draft(RequestAnswer, **said, actor=work.actor)
    journal.seal(work, journal.open_batch(work, request.book_id), [fact])
    return answer


def _named(request: Request) -> dict[str, object]:
    """Return the parameters of the queries; requests of earlier versions have another id."""
    earlier = derived_id(request.book_id, request.partner_id, "request", request.key)
    return {"book": request.book_id, "request": request.request_id, "earlier": earlier}


_IDS: Final = _ANSWERED_REQUESTS.c.request_id.type
_KEEP: Final = _ANSWERED_REQUESTS.insert()
_KNOWN: Final = sa.select(_ANSWERED_REQUESTS).where(
    _ANSWERED_REQUESTS.c.book_id == sa.bindparam("book"),
    _ANSWERED_REQUESTS.c.request_id.in_([sa.bindparam("request", type_=_IDS), sa.bindparam("earlier", type_=_IDS)]),
)
