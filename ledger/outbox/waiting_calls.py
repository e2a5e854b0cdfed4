"""Waiting calls: the projection of calls that are still to be made, and their claims by processes."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ledger.kernel.ids import BookId
from ledger.kernel.record import Fact
from ledger.kernel.rows import as_record
from ledger.kernel.sql import table
from ledger.kernel.work import Work
from ledger.outbox.records import CallState, EndpointId, OutboundCall, WaitingCall
from ledger.timers.timers import Timer

_WAITING: Final = table(WaitingCall)

CLAIM: Final = timedelta(minutes=2)
"""The time for which a process claims a call; if it is killed, others can claim the call after that."""


def project_calls(work: Work, book_id: BookId, facts: Sequence[Fact]) -> None:
    """Update the rows to the newest fact of each call."""
    newest = {fact.call_id: fact for fact in facts if isinstance(fact, OutboundCall)}
    gone = [call_id for call_id, fact in newest.items() if fact.state is not CallState.WAITING]
    rows = [_row(fact) for fact in newest.values() if fact.state is CallState.WAITING]
    if gone:
        work.connection.execute(_WAITING.delete().where(_WAITING.c.book_id == book_id, _WAITING.c.call_id.in_(gone)))
    if rows:
        work.connection.execute(_UPSERT, rows)


def clear_calls(work: Work, book_id: BookId) -> None:
    """Remove the rows of a book."""
    work.connection.execute(_WAITING.delete().where(_WAITING.c.book_id == book_id))


def claim_due(work: Work, book_id: BookId, until: datetime, *, busy: Sequence[EndpointId]) -> WaitingCall | None:
    """Claim the unclaimed call that has been due longest, skipping endpoints in `busy`; None if there is none."""
    asked = {"book": book_id, "until": until, "now": work.now, "claim": work.now + CLAIM, "busy": list(busy)}
    row = work.connection.execute(_CLAIM, asked).one_or_none()
    return None if row is None else as_record(WaitingCall, row)


CALL_TIMER: Final = Timer("outbound_call", WaitingCall, "due_at")
"""A call is made when it is due."""


def _row(fact: OutboundCall) -> dict[str, object]:
    names = {column.name for column in _WAITING.columns} - {"claimed_until_at"}
    return {name: value for name, value in asdict(fact).items() if name in names} | {"claimed_until_at": None}


_INSERT: Final = insert(_WAITING)
_UPSERT: Final = _INSERT.on_conflict_do_update(
    index_elements=[_WAITING.c.book_id, _WAITING.c.call_id],
    set_={name: _INSERT.excluded[name] for name in ("seq", "attempt", "begun_at", "due_at", "claimed_until_at")},
)
_FREE: Final = (
    sa.select(_WAITING.c.book_id, _WAITING.c.call_id)
    .where(
        _WAITING.c.book_id == sa.bindparam("book", type_=sa.Integer()),
        _WAITING.c.due_at <= sa.bindparam("until", type_=sa.DateTime(timezone=True)),
        (_WAITING.c.claimed_until_at > sa.bindparam("now", type_=sa.DateTime(timezone=True))).is_not(sa.true()),
        _WAITING.c.endpoint_id != sa.all_(sa.bindparam("busy", type_=sa.ARRAY(_WAITING.c.endpoint_id.type))),
    )
    .order_by(_WAITING.c.due_at, _WAITING.c.call_id)
    .limit(1)
    .with_for_update(skip_locked=True)
    .cte("free")
)
_CLAIM: Final = (
    _WAITING.update()
    .where(_WAITING.c.book_id == _FREE.c.book_id, _WAITING.c.call_id == _FREE.c.call_id)
    .values(claimed_until_at=sa.bindparam("claim", type_=sa.DateTime(timezone=True)))
    .returning(_WAITING)
)
