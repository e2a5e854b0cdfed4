"""Calls to the outside: what became of each attempt, and the replay of a call."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from ledger.journal import journal
from ledger.journal.fact_orders import FactOrder
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import BookId, derived_id
from ledger.kernel.reasons import require_reason
from ledger.kernel.rows import as_record
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.outbox.backoff import next_attempt_at
from ledger.outbox.delivery_log import deliveries
from ledger.outbox.lifecycles import CALL_LIFE
from ledger.outbox.records import CallFault, CallId, CallState, Endpoint, OutboundCall, WaitingCall
from ledger.public_ids import public

_CALLS: Final = table(OutboundCall)

OUTBOX: Final = "outbox"
"""The actor that records intents and attempts."""


class Answer(NamedTuple):
    """The outcome of an attempt: the status that the other side answered, and the fault if it was not received.

    `retry_after` is the pause that a refusal asked for (RFC 9110, 10.2.3).
    """

    status: int | None
    fault: CallFault | None = None
    retry_after: timedelta | None = None


class Attempt(NamedTuple):
    """An attempt that was made: the call as it was claimed, and the outcome at an instant."""

    call: WaitingCall
    answer: Answer
    ended_at: datetime


def intent(  # noqa: PLR0913  # what the fact says
    call_id: CallId, to: Endpoint, topic: str, about_seq: int, *, begun_at: datetime, reason: str
) -> journal.Draft:
    """Draft the intent to call an endpoint about the event at a position."""
    return journal.draft(
        OutboundCall,
        call_id=call_id,
        partner_id=to.partner_id,
        endpoint_id=to.endpoint_id,
        topic=topic,
        about_seq=about_seq,
        state=CALL_LIFE.after(None, "intend"),
        attempt=0,
        begun_at=begun_at,
        due_at=begun_at,
        status=None,
        fault=None,
        actor=OUTBOX,
        reason=reason,
    )


def attempted(book_id: BookId, attempts: Sequence[Attempt]) -> FactOrder:
    """Order the facts of the outcomes of attempts; records nothing of a call of which another process has recorded one.

    Two such orders never share a batch, so that the second knows what the first recorded. The schedule goes by the
    clock of the book, so that in a sandbox it can be moved through.
    """

    def drafts(work: Work, batch: journal.OpenBatch) -> Sequence[journal.Draft]:
        newest = deliveries(work, book_id, [each.call.call_id for each in attempts])
        current = [each for each in attempts if newest[each.call.call_id].seq == each.call.seq]
        by_clock = batch.head.by_clock
        return [_outcome(newest[each.call.call_id], each.answer, by_clock(each.ended_at)) for each in current]

    return FactOrder(drafts, about=derived_id(book_id, "outcomes of attempts"))


def replay(work: Work, book_id: BookId, call_id: CallId, *, reason: str) -> int:
    """Replay a call that was delivered or given up, and return the position of the fact.

    Raises `NotFound`, `IllegalTransition` if it is still waiting, and `InvalidInput` without a reason.
    """
    require_reason(reason)
    batch = journal.open_batch(work, book_id)
    newest = CALL_LIFE.newest(work, book_id, call_id)
    if newest is None or work.partner_id not in (None, newest.partner_id):
        raise NotFound(f"there is no call {public('call', call_id)}")
    CALL_LIFE.after(newest, "replay")
    fact = replayed(newest, at=batch.recorded_at, actor=work.actor, reason=reason)
    return journal.seal(work, batch, [fact]).last_seq


def replayed(newest: OutboundCall, *, at: datetime, actor: str, reason: str) -> journal.Draft:
    """Draft that a call is due again at an instant, with its whole schedule before it."""
    said = {"state": CALL_LIFE.after(newest, "replay"), "attempt": 0, "begun_at": at, "due_at": at}
    return _next(newest, **said, status=None, fault=None, actor=actor, reason=reason)


def calls(reader: Reader, book_id: BookId, *, state: CallState | None = None, limit: int = 100) -> list[OutboundCall]:
    """Return the newest fact of each call of a book, in one state or in all, latest change first."""
    newest = _CALLS.select().ext(distinct_on(_CALLS.c.call_id)).where(_CALLS.c.book_id == book_id)
    of_each = newest.order_by(_CALLS.c.call_id, _CALLS.c.seq.desc()).subquery()
    wanted = sa.true() if state is None else of_each.c.state == state
    rows = reader.connection.execute(sa.select(of_each).where(wanted).order_by(of_each.c.seq.desc()).limit(limit))
    return [as_record(OutboundCall, row) for row in rows]


def _outcome(newest: OutboundCall, answer: Answer, now: datetime) -> journal.Draft:
    """Draft the outcome of an attempt: received, to be repeated at an instant, or given up by the rules of back-off."""
    attempt = newest.attempt + 1
    due_at = None
    if answer.fault not in (None, CallFault.ENDPOINT_RETIRED) and answer.status != HTTPStatus.GONE:
        due_at = next_attempt_at(
            newest.call_id, attempt, begun_at=newest.begun_at, now=now, retry_after=answer.retry_after
        )
    verb = "deliver" if answer.fault is None else "give_up" if due_at is None else "fail"
    why = "it was received" if answer.fault is None else f"{answer.fault}, {verb.replace('_', ' ')}"
    said = {"state": CALL_LIFE.after(newest, verb), "attempt": attempt, "due_at": due_at, "begun_at": newest.begun_at}
    return _next(newest, **said, status=answer.status, fault=answer.fault, actor=OUTBOX, reason=why)


def _next(newest: OutboundCall, **said: object) -> journal.Draft:
    """Draft the next fact of a call, with its unchanged values."""
    names = ("call_id", "partner_id", "endpoint_id", "topic", "about_seq")
    return journal.draft(OutboundCall, **{name: getattr(newest, name) for name in names}, **said)
