"""Claims: calls that are due, taken by one process for a while, from all endpoints alike.

Of an ordered endpoint, a call is claimed only together with, or after, the earlier ones of its accounts.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from ledger.journal import journal
from ledger.kernel.ids import BookId
from ledger.kernel.rows import as_record
from ledger.kernel.sql import table
from ledger.kernel.work import Work
from ledger.outbox.records import CallId, Endpoint, EndpointId, EndpointState, WaitingCall

_WAITING: Final = table(WaitingCall)
_ENDPOINTS: Final = table(Endpoint)

CLAIM: Final = timedelta(minutes=2)
"""The time for which a process claims a call; if it is killed, others can claim the call after that."""

CONCURRENCY: Final = 10
"""The concurrent calls of a process to an endpoint that asks for no other number."""

AHEAD: Final = 16
"""The calls that a process claims of an endpoint for each that it can make at a time."""

_WINDOW: Final = 500
"""The earliest waiting calls of an ordered endpoint that are looked through."""

CONCURRENCY_SLOW: Final = 2
"""The concurrent calls to an endpoint that did not answer in time, so that many such endpoints delay no other."""

Accounts = Callable[[Work, BookId, Sequence[WaitingCall]], Mapping[CallId, frozenset[UUID]]]
"""Returns the accounts that the event of each call is about."""


class Held(NamedTuple):
    """The number of claimed calls of each endpoint that a process has not ended, and the endpoints that are slow."""

    calls: Mapping[EndpointId, int]
    slow: Collection[EndpointId]


_Chained = tuple[WaitingCall, Sequence[CallId]]
"""A call, and those that are made before it."""


class Claimed(NamedTuple):
    """A call that was claimed, its endpoint, and the calls claimed with it that are made before it."""

    call: WaitingCall
    endpoint: Endpoint
    after: Sequence[CallId] = ()


def claim_due(work: Work, book_id: BookId, held: Held, *, accounts: Accounts) -> list[Claimed]:
    """Claim calls that are due now, of each endpoint that is not paused up to its share.

    Calls to a retired endpoint are claimed too, to be given up. A call is due by the clock of its book, which in a
    sandbox may be ahead; a claim lasts for a real time, since a real process holds it.
    """
    book_now = journal.head(work.connection, book_id).by_clock(work.now)
    found = _endpoints_with_due(work, book_id, book_now)
    shares = {each.endpoint_id: _share(each, held) for each in found}
    open_ = {each.endpoint_id: each for each in found if shares[each.endpoint_id] > 0}
    unordered = {name: shares[name] for name, to in open_.items() if not to.is_ordered}
    calls: list[_Chained] = [(each, ()) for each in _free(work, book_id, book_now, unordered)]
    for name, to in open_.items():
        if to.is_ordered:
            window = work.connection.execute(_IN_ORDER, {"book": book_id, "endpoint": name, "window": _WINDOW})
            waiting = [_call(row) for row in window]
            touched = accounts(work, book_id, waiting)
            calls += _next_in_order(waiting, touched, shares[name], lambda each: _is_free(each, work.now, book_now))
    taken = set(_take(work, book_id, [each.call_id for each, _ in calls]))
    until_at = work.now + CLAIM
    return [
        Claimed(replace(call, claimed_until_at=until_at), open_[call.endpoint_id], after)
        for call, after in calls
        if call.call_id in taken
    ]


def release(work: Work, book_id: BookId, calls: Sequence[WaitingCall]) -> None:
    """Give claimed calls back that were not made, unless another process has claimed them since."""
    asked = {"calls": [each.call_id for each in calls], "claims": [each.claimed_until_at for each in calls]}
    work.connection.execute(_RELEASE, {"book": book_id, **asked})


def _share(to: Endpoint, held: Held) -> int:
    """Return how many more calls of an endpoint the process takes."""
    if to.state is EndpointState.PAUSED:
        return 0
    share = CONCURRENCY_SLOW if to.endpoint_id in held.slow else AHEAD * (to.concurrency or CONCURRENCY)
    return share - held.calls.get(to.endpoint_id, 0)


def _call(row: sa.Row[tuple[object, ...]]) -> WaitingCall:
    """Return the call of a row; quicker than `as_record`, as it has no enums and its columns are known."""
    values: dict[str, Any] = dict(zip(_NAMES, row, strict=True))
    return WaitingCall(**values)


def _is_free(call: WaitingCall, now: datetime, book_now: datetime) -> bool:
    return call.due_at <= book_now and (call.claimed_until_at is None or call.claimed_until_at <= now)


def _endpoints_with_due(work: Work, book_id: BookId, book_now: datetime) -> list[Endpoint]:
    rows = work.connection.execute(_DUE_ENDPOINTS, {"book": book_id, "book_now": book_now})
    return [as_record(Endpoint, row) for row in rows]


def _free(work: Work, book_id: BookId, book_now: datetime, shares: Mapping[EndpointId, int]) -> list[WaitingCall]:
    """Lock the calls of each endpoint that have been due longest."""
    if not shares:
        return []
    asked = {"book": book_id, "now": work.now, "book_now": book_now, "endpoints": list(shares)}
    rows = work.connection.execute(_FREE, asked | {"shares": list(shares.values())})
    return [_call(row) for row in rows]


def _next_in_order(
    calls: Sequence[WaitingCall],
    touched: Mapping[CallId, frozenset[UUID]],
    limit: int,
    is_free: Callable[[WaitingCall], bool],
) -> list[_Chained]:
    """Return the calls of an ordered endpoint that may be made, each with those before it among them.

    A call that waits for its next attempt, or is claimed already, holds up the later ones of its accounts.
    """
    held_up: set[UUID] = set()
    last: dict[UUID, CallId] = {}
    found: list[_Chained] = []
    for call in calls:
        own = touched[call.call_id]
        if len(found) >= limit or not is_free(call) or own & held_up:
            held_up |= own
            continue
        found.append((call, tuple({last[each] for each in own if each in last})))
        last |= dict.fromkeys(own, call.call_id)
    return found


def _take(work: Work, book_id: BookId, call_ids: Sequence[CallId]) -> Sequence[CallId]:
    """Claim calls, and return those that no other process has claimed meanwhile."""
    if not call_ids:
        return ()
    asked = {"book": book_id, "calls": list(call_ids), "now": work.now, "claim": work.now + CLAIM}
    taken: Sequence[CallId] = work.connection.execute(_TAKE, asked).scalars().all()
    return taken


_NAMES: Final = [column.name for column in _WAITING.columns]
_COLUMNS: Final = ", ".join(_NAMES)
_CALLS: Final = sa.bindparam("calls", type_=sa.ARRAY(_WAITING.c.call_id.type))
_NOW: Final = sa.bindparam("now", type_=sa.DateTime(timezone=True))
_BOOK_NOW: Final = sa.bindparam("book_now", type_=sa.DateTime(timezone=True))

# From one endpoint to the next by the index, however many calls of each are waiting.
_DUE_ENDPOINTS: Final = sa.text("""
    WITH RECURSIVE waiting AS (
        (SELECT endpoint_id FROM waiting_calls WHERE book_id = :book ORDER BY endpoint_id LIMIT 1)
        UNION ALL
        SELECT (SELECT w.endpoint_id FROM waiting_calls w
                WHERE w.book_id = :book AND w.endpoint_id > waiting.endpoint_id ORDER BY w.endpoint_id LIMIT 1)
        FROM waiting WHERE waiting.endpoint_id IS NOT NULL
    )
    SELECT newest.* FROM waiting
    CROSS JOIN LATERAL (
        SELECT due_at FROM waiting_calls w WHERE w.book_id = :book AND w.endpoint_id = waiting.endpoint_id
        ORDER BY due_at LIMIT 1
    ) earliest
    CROSS JOIN LATERAL (
        SELECT * FROM endpoints e WHERE e.book_id = :book AND e.endpoint_id = waiting.endpoint_id
        ORDER BY seq DESC LIMIT 1
    ) newest
    WHERE earliest.due_at <= :book_now
""").bindparams(_BOOK_NOW)
_FREE: Final = sa.text(f"""
    SELECT claimable.* FROM unnest(:endpoints, :shares) AS asked (endpoint_id, share)
    CROSS JOIN LATERAL (
        SELECT {_COLUMNS} FROM waiting_calls w
        WHERE w.book_id = :book AND w.endpoint_id = asked.endpoint_id AND w.due_at <= :book_now
          AND (w.claimed_until_at > :now) IS NOT TRUE
        ORDER BY w.due_at, w.call_id LIMIT asked.share FOR UPDATE SKIP LOCKED
    ) claimable
""").bindparams(  # noqa: S608  # names of columns
    _NOW,
    _BOOK_NOW,
    sa.bindparam("endpoints", type_=sa.ARRAY(_WAITING.c.endpoint_id.type)),
    sa.bindparam("shares", type_=sa.ARRAY(sa.Integer())),
)
_IN_ORDER: Final = sa.text(f"""
    SELECT {_COLUMNS} FROM waiting_calls WHERE book_id = :book AND endpoint_id = :endpoint
    ORDER BY about_seq, call_id LIMIT :window
""").bindparams(  # noqa: S608  # names of columns
    sa.bindparam("endpoint", type_=_WAITING.c.endpoint_id.type)
)
_TAKE: Final = sa.text("""
    UPDATE waiting_calls SET claimed_until_at = :claim
    WHERE book_id = :book AND call_id = ANY(:calls) AND (claimed_until_at > :now) IS NOT TRUE RETURNING call_id
""").bindparams(_CALLS, _NOW, sa.bindparam("claim", type_=sa.DateTime(timezone=True)))
_RELEASE: Final = sa.text("""
    UPDATE waiting_calls w SET claimed_until_at = NULL
    FROM unnest(:calls, :claims) AS released (call_id, claimed_until_at)
    WHERE w.book_id = :book AND w.call_id = released.call_id AND w.claimed_until_at = released.claimed_until_at
""").bindparams(_CALLS, sa.bindparam("claims", type_=sa.ARRAY(sa.DateTime(timezone=True))))
