"""Notifications: intents to notify partners of events, and the content of these calls."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from ledger.book.records.monitors import MonitorEvent
from ledger.journal import journal
from ledger.journal.partner_heads import ordinals
from ledger.journal.position_tokens import token_of
from ledger.kernel.ids import BookId, derived_id
from ledger.kernel.record import Fact
from ledger.kernel.rows import as_record
from ledger.kernel.sql import table
from ledger.kernel.work import Reader
from ledger.outbox.calls import OUTBOX
from ledger.outbox.endpoints import active_endpoints
from ledger.outbox.lifecycles import CALL_LIFE
from ledger.outbox.records import CallId, Endpoint, OutboundCall, WaitingCall
from ledger.public_ids import public

MONITOR_TRIGGERED: Final = "monitor_triggered"
"""The topic of calls about a monitor's event."""

_CALLS: Final = table(OutboundCall)
_MONITOR_EVENTS: Final = table(MonitorEvent)


def intended_calls(reader: Reader, book_id: BookId, facts: Sequence[Fact]) -> list[journal.Draft]:
    """Draft intents to notify partners of monitor events, at each endpoint registered before the event.

    The id of a call follows from the event and the endpoint: an existing intent is not drafted again, and a replay does
    not notify endpoints of events from before their registration.
    """
    events = [fact for fact in facts if isinstance(fact, MonitorEvent)]
    endpoints = active_endpoints(reader, book_id, {event.partner_id for event in events})
    pairs = [(event, each) for event in events for each in endpoints if _concerns(event, each)]
    wanted = {CallId(derived_id(book_id, each.endpoint_id, "call", event.seq)): (event, each) for event, each in pairs}
    known: set[CallId] = set(reader.connection.execute(_KNOWN, {"book": book_id, "calls": list(wanted)}).scalars())
    return [_intent(call_id, event, each) for call_id, (event, each) in wanted.items() if call_id not in known]


def message(reader: Reader, call: WaitingCall) -> dict[str, str]:
    """Return the content of a call: public ids, integers as text; nothing personal."""
    asked = {"book": call.book_id, "seq": call.about_seq}
    event = as_record(MonitorEvent, reader.connection.execute(_ABOUT, asked).one())
    seen = Reader(reader.connection, call.partner_id)
    found = ordinals(seen, call.book_id, [event.seq, event.transfer_seq])
    return {
        "id": public("call", call.call_id),
        "topic": call.topic,
        "position": token_of(found[event.seq]),
        "recordedAt": event.recorded_at.isoformat(),
        "monitorId": public("monitor", event.monitor_id),
        "accountId": public("account", event.account_id),
        "transferPosition": token_of(found[event.transfer_seq]),
        "measuredMinor": str(event.measured_minor),
    }


def _concerns(event: MonitorEvent, to: Endpoint) -> bool:
    return to.partner_id == event.partner_id and to.seq < event.seq


def _intent(call_id: CallId, event: MonitorEvent, to: Endpoint) -> journal.Draft:
    return journal.draft(
        OutboundCall,
        call_id=call_id,
        partner_id=event.partner_id,
        endpoint_id=to.endpoint_id,
        topic=MONITOR_TRIGGERED,
        about_seq=event.seq,
        state=CALL_LIFE.after(None, "intend"),
        attempt=0,
        begun_at=event.recorded_at,
        due_at=event.recorded_at,
        status=None,
        fault=None,
        actor=OUTBOX,
        reason="the monitor triggered",
    )


_KNOWN: Final = sa.select(_CALLS.c.call_id).where(
    _CALLS.c.book_id == sa.bindparam("book", type_=sa.Integer()),
    _CALLS.c.call_id == sa.any_(sa.bindparam("calls", type_=sa.ARRAY(_CALLS.c.call_id.type))),
)
_ABOUT: Final = sa.select(_MONITOR_EVENTS).where(
    _MONITOR_EVENTS.c.book_id == sa.bindparam("book", type_=sa.Integer()),
    _MONITOR_EVENTS.c.seq == sa.bindparam("seq", type_=sa.BigInteger()),
)
