"""Requests that are answered once: whoever sends one again with its key gets its first answer, and changes nothing.

A request for transfers is bound to its key by the book, in what it keeps of each id; every other request is bound here,
under the id that a transfer of its key would have: so no key serves two requests, whatever they ask for.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.book.references import is_taken
from ledger.events import journal
from ledger.kernel.errors import FrozenByOperator, IdempotencyConflict, NotFound, Refusal
from ledger.kernel.ids import BookId, PartnerId, RequestId, TransferId, derived_id
from ledger.kernel.work import Work
from ledger.partners.request_tables import ANSWERED_REQUESTS
from ledger.records.requests import RequestAnswer

_LASTING: Final = (NotFound, IdempotencyConflict, FrozenByOperator)
"""The refusals that depend on what stands in the book: they are the answer to their key, for ever."""

_BY_CODE: Final = {kind.code: kind for kind in _LASTING}

_CONFLICT: Final = "this key was used for another request; send new requests with new keys"


class Request(NamedTuple):
    """Something that a partner asks for under a key; `content` is all that it says, in values of JSON."""

    book_id: BookId
    partner_id: PartnerId
    key: str
    content: Mapping[str, object]

    @property
    def request_id(self) -> RequestId:
        """Its id, which follows from who asks and the key: that of the first transfer of a request with this key."""
        return RequestId(derived_id(self.book_id, self.partner_id, "transfer", self.key, 0))

    @property
    def content_hash(self) -> bytes:
        """The SHA-256 of its content."""
        return hashlib.sha256(json.dumps(self.content, sort_keys=True).encode()).digest()


class _Answer(NamedTuple):
    """The position that a request came to, or that of the head when it was refused, and why."""

    seq: int
    refusal: Refusal | None = None


def once(works: Callable[[], AbstractContextManager[Work]], request: Request, do: Callable[[Work], int]) -> int:
    """The position that a request came to: `do` says it the first time, and is not called again.

    All is done in one unit of work of `works`. What `do` refuses for what stands in the book is refused again whenever
    the request comes; any other fault leaves the key free. Raises `IdempotencyConflict` where the key was used for
    something else.
    """
    with works() as work:
        answer = _answer(work, request, do)
    if answer.refusal is not None:
        raise answer.refusal
    return answer.seq


def _answer(work: Work, request: Request, do: Callable[[Work], int]) -> _Answer:
    # The head's lock makes requests of one book take turns, so that what is read here is still true when written.
    batch = journal.open_batch(work, request.book_id)
    known = work.connection.execute(_KNOWN, _named(request)).one_or_none()
    if known is None:
        if is_taken(work, request.book_id, TransferId(request.request_id)):
            raise IdempotencyConflict(_CONFLICT)
        return _first_answer(work, request, do, head_seq=batch.head.last_seq)
    if known.content_hash != request.content_hash:
        raise IdempotencyConflict(_CONFLICT)
    refusal = None if known.refusal_code is None else _BY_CODE[known.refusal_code](known.refusal)
    return _Answer(int(known.answered_seq), refusal)


def _first_answer(work: Work, request: Request, do: Callable[[Work], int], *, head_seq: int) -> _Answer:
    try:
        with work.connection.begin_nested():
            answer = _Answer(do(work))
    except _LASTING as refusal:
        answer = _Answer(head_seq, refusal)
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
    """The parameters of the queries; requests of earlier versions stand under an id of their own."""
    earlier = derived_id(request.book_id, request.partner_id, "request", request.key)
    return {"book": request.book_id, "request": request.request_id, "earlier": earlier}


_IDS: Final = ANSWERED_REQUESTS.c.request_id.type
_KEEP: Final = ANSWERED_REQUESTS.insert()
_KNOWN: Final = sa.select(ANSWERED_REQUESTS).where(
    ANSWERED_REQUESTS.c.book_id == sa.bindparam("book"),
    ANSWERED_REQUESTS.c.request_id.in_([sa.bindparam("request", type_=_IDS), sa.bindparam("earlier", type_=_IDS)]),
)
