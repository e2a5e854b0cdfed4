"""Waiting calls: the projection of calls that are still to be made."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from ledger.kernel.ids import BookId
from ledger.kernel.record import Fact, columns
from ledger.kernel.sql import table
from ledger.kernel.work import Work
from ledger.outbox.records import CallState, OutboundCall, WaitingCall
from ledger.timers.timers import Timer

_WAITING: Final = table(WaitingCall)

CALL_TIMER: Final = Timer("outbound_call", WaitingCall, "due_at")
"""A call is made when it is due."""


def project_calls(work: Work, book_id: BookId, facts: Sequence[Fact]) -> None:
    """Update the rows to the newest fact of each call."""
    newest = {fact.call_id: fact for fact in facts if isinstance(fact, OutboundCall)}
    gone = [call_id for call_id, fact in newest.items() if fact.state is not CallState.WAITING]
    waiting = [fact.seq for fact in newest.values() if fact.state is CallState.WAITING]
    if gone:
        work.connection.execute(_DELETE, {"book": book_id, "calls": gone})
    if waiting:
        work.connection.execute(_UPSERT, {"book": book_id, "seqs": waiting})


def clear_calls(work: Work, book_id: BookId) -> None:
    """Remove the rows of a book."""
    work.connection.execute(_WAITING.delete().where(_WAITING.c.book_id == book_id))


_NAMES: Final = [column.name for column in columns(WaitingCall) if column.name != "claimed_until_at"]
_CHANGED: Final = ("seq", "attempt", "begun_at", "due_at")
_DELETE: Final = sa.text("DELETE FROM waiting_calls WHERE book_id = :book AND call_id = ANY(:calls)").bindparams(
    sa.bindparam("calls", type_=sa.ARRAY(_WAITING.c.call_id.type))
)
_UPSERT: Final = sa.text(f"""
    INSERT INTO waiting_calls ({", ".join(_NAMES)})
    SELECT {", ".join(_NAMES)} FROM outbound_calls WHERE book_id = :book AND seq = ANY(:seqs)
    ON CONFLICT (book_id, call_id) DO UPDATE
    SET {", ".join(f"{name} = excluded.{name}" for name in _CHANGED)}, claimed_until_at = NULL
""").bindparams(sa.bindparam("seqs", type_=sa.ARRAY(sa.BigInteger())))  # noqa: S608  # names of columns
