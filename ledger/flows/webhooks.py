"""Webhooks: intents to call the endpoints that subscribe to an event, and replays of what an endpoint missed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import sqlalchemy as sa

from ledger.flows.event_types import DEFAULT_EVENT_TYPES, EVENT_TYPES, TEST_EVENT
from ledger.flows.partner_facts import FactKind, OwnFact, facts_of_partners
from ledger.journal import journal
from ledger.journal.consumers import Span
from ledger.kernel.ids import BookId, derived_id
from ledger.kernel.rows import as_record
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.outbox.calls import intent
from ledger.outbox.endpoints import endpoint
from ledger.outbox.records import CallId, Endpoint, EndpointId, EndpointState, OutboundCall

_CALLS: Final = table(OutboundCall)
_ENDPOINTS: Final = table(Endpoint)
_TYPE_NAMES: Final[Mapping[FactKind, str]] = {
    each.kind: each.name for each in EVENT_TYPES.values() if each.kind is not None
}


def intended_calls(reader: Reader, book_id: BookId, span: Span) -> list[journal.Draft]:
    """Draft an intent for each event of a range and each endpoint that subscribed to its type before it happened.

    The id of a call follows from the event and the endpoint: an existing intent is not drafted again.
    """
    histories = _histories(reader, book_id, span.upto)
    if not histories:
        return []
    partner_ids = {each[0].partner_id for each in histories}
    by_partner: dict[object, list[Sequence[Endpoint]]] = {}
    for each in histories:
        by_partner.setdefault(each[0].partner_id, []).append(each)
    wanted: dict[CallId, tuple[OwnFact, Endpoint]] = {}
    for event in facts_of_partners(reader, book_id, partner_ids, after=span.after, upto=span.upto):
        for history in by_partner[event.partner_id]:
            if (to := _subscribed(history, event)) is not None:
                wanted[call_id_of(book_id, to.endpoint_id, event.seq)] = (event, to)
    known: set[CallId] = set(reader.connection.execute(_KNOWN, {"book": book_id, "calls": list(wanted)}).scalars())
    return [_intent(call_id, *each) for call_id, each in wanted.items() if call_id not in known]


def send_test_event(work: Work, book_id: BookId, endpoint_id: EndpointId, key: str) -> int:
    """Intend a call about a test, once for each key, and return its position. Raises `NotFound`."""
    batch = journal.open_batch(work, book_id)
    to = endpoint(work, book_id, endpoint_id)
    call_id = CallId(derived_id(book_id, endpoint_id, "test", key))
    at = batch.recorded_at
    fact = intent(call_id, to, TEST_EVENT.name, to.seq, begun_at=at, reason="a test was asked for")
    return journal.seal(work, batch, [fact]).last_seq


def call_id_of(book_id: BookId, endpoint_id: EndpointId, seq: int) -> CallId:
    """Derive the id of the call about the event at a position."""
    return CallId(derived_id(book_id, endpoint_id, "call", seq))


def _subscribed(history: Iterable[Endpoint], event: OwnFact) -> Endpoint | None:
    """Return the endpoint as it was before an event, if it was to be called about it."""
    before = [each for each in history if each.seq < event.seq]
    if not before or before[-1].state is EndpointState.RETIRED:
        return None
    wanted = before[-1].event_types
    types = DEFAULT_EVENT_TYPES if wanted is None else wanted.split(" ")
    return before[-1] if _TYPE_NAMES[event.kind] in types else None


def _histories(reader: Reader, book_id: BookId, upto: int) -> list[list[Endpoint]]:
    """Return the facts of each endpoint up to a position, in order."""
    by_id: dict[EndpointId, list[Endpoint]] = {}
    for row in reader.connection.execute(_HISTORY, {"book": book_id, "upto": upto}):
        fact = as_record(Endpoint, row)
        by_id.setdefault(fact.endpoint_id, []).append(fact)
    return list(by_id.values())


def _intent(call_id: CallId, event: OwnFact, to: Endpoint) -> journal.Draft:
    name = _TYPE_NAMES[event.kind]
    return intent(call_id, to, name, event.seq, begun_at=event.recorded_at, reason="it happened")


_BOOK: Final = sa.bindparam("book", type_=sa.Integer())
_KNOWN: Final = sa.select(_CALLS.c.call_id).where(
    _CALLS.c.book_id == _BOOK,
    _CALLS.c.call_id == sa.any_(sa.bindparam("calls", type_=sa.ARRAY(_CALLS.c.call_id.type))),
)
_HISTORY: Final = (
    sa.select(_ENDPOINTS)
    .where(_ENDPOINTS.c.book_id == _BOOK, _ENDPOINTS.c.seq <= sa.bindparam("upto", type_=sa.BigInteger()))
    .order_by(_ENDPOINTS.c.seq)
)
