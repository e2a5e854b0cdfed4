"""Changes by operators: each is a fact with its actor, reason and policy, made once under its idempotency key."""

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from ledger.journal import journal
from ledger.journal.fact_orders import FactOrder
from ledger.kernel.errors import IdempotencyConflict
from ledger.kernel.ids import BookId, derived_id
from ledger.kernel.pages import Slice, position_bounds
from ledger.kernel.reasons import require_reason
from ledger.kernel.rows import as_record
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.tenancy.records import OperatorChange, OperatorRequestId

_OPERATOR_CHANGES: Final = table(OperatorChange)


class OperatorRequest(NamedTuple):
    """An operator's request for a change under a key; `content` is all of it, in JSON values."""

    book_id: BookId
    actor: str
    key: str
    action: str
    content: Mapping[str, object]
    reason: str
    policy: str

    @property
    def request_id(self) -> OperatorRequestId:
        """The id derived from actor and key."""
        return OperatorRequestId(derived_id(self.book_id, "operator request", self.actor, self.key))

    @property
    def content_hash(self) -> bytes:
        """The SHA-256 of its action and content."""
        said = [self.action, self.reason, self.content]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).digest()


class RecordedChange(NamedTuple):
    """The position of the fact of a change, what it made or changed, and whether it was made before."""

    seq: int
    object_id: UUID | None
    is_replay: bool = False


def change_once(
    works: Callable[[], AbstractContextManager[Work]], request: OperatorRequest, do: Callable[[Work], UUID | None]
) -> RecordedChange:
    """Do what an operator asks the first time, and record it in the same unit of work; later return what was recorded.

    `do` returns the id of what it made or changed. Any refusal leaves the key free. Raises what `do` raises,
    `InvalidInput` without a reason, and `IdempotencyConflict` if the key was used for something else.
    """
    require_reason(request.reason)
    with works() as work:
        journal.open_batch(work, request.book_id)  # its lock serialises the requests of a book
        known = recorded_change(work, request)
        if known is not None:
            return known
        object_id = do(work)
        batch = journal.open_batch(work, request.book_id)
        return RecordedChange(journal.seal(work, batch, [_drafted(request, object_id)]).last_seq, object_id)


def recorded_change(scope: Reader | Work, request: OperatorRequest) -> RecordedChange | None:
    """Return the change that was recorded under the key of a request; None if the key is free.

    Raises `IdempotencyConflict` if the key was used for something else.
    """
    asked = {"book": request.book_id, "request": request.request_id}
    row = scope.connection.execute(_KNOWN, asked).one_or_none()
    if row is None:
        return None
    if row.content_hash != request.content_hash:
        raise IdempotencyConflict("this key was used for another request; send new requests with new keys")
    return RecordedChange(row.seq, row.object_id, is_replay=True)


def change_order(request: OperatorRequest, object_id: UUID) -> FactOrder:
    """Return the order for the fact of a change that is a transfer, which shares the transfer's batch."""
    require_reason(request.reason)
    return FactOrder(lambda _work, _batch: [_drafted(request, object_id)])


def changes_page(reader: Reader, book_id: BookId, wanted: Slice[int]) -> list[OperatorChange]:
    """Return a slice of the changes of a book, the newest first."""
    span = wanted.bounds(is_descending=True)
    rows = reader.connection.execute(_PAGE[span.is_descending], {"book": book_id, **position_bounds(span)})
    return wanted.in_order([as_record(OperatorChange, row) for row in rows])


def _drafted(request: OperatorRequest, object_id: UUID | None) -> journal.Draft:
    return journal.draft(
        OperatorChange,
        request_id=request.request_id,
        action=request.action,
        content_hash=request.content_hash,
        object_id=object_id,
        actor=request.actor,
        reason=request.reason,
        policy=request.policy,
    )


_T: Final = _OPERATOR_CHANGES.c
_OF_BOOK: Final = _T.book_id == sa.bindparam("book", type_=sa.Integer())
_KNOWN: Final = sa.select(_T.seq, _T.content_hash, _T.object_id).where(
    _OF_BOOK, _T.request_id == sa.bindparam("request", type_=_T.request_id.type)
)


def _page(*, is_descending: bool) -> sa.Select[tuple[object, ...]]:
    bounds = (
        _T.seq > sa.bindparam("above", type_=sa.BigInteger()),
        _T.seq < sa.bindparam("below", type_=sa.BigInteger()),
    )
    order = _T.seq.desc() if is_descending else _T.seq
    return sa.select(_OPERATOR_CHANGES).where(_OF_BOOK, *bounds).order_by(order).limit(sa.bindparam("limit"))


_PAGE: Final = {each: _page(is_descending=each) for each in (True, False)}
