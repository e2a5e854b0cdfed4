"""The delivery log: the calls of an endpoint by what became of them last, the newest first."""

from collections.abc import Collection, Sequence
from typing import Final

import sqlalchemy as sa

from ledger.kernel.ids import BookId
from ledger.kernel.pages import Slice, position_bounds
from ledger.kernel.rows import as_record
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.outbox.records import CallId, CallState, EndpointId, OutboundCall

_CALLS: Final = table(OutboundCall).c
ALL_STATES: Final = tuple(CallState)
"""Every state of a call; those that were given up are the dead letters."""


def deliveries_page(
    reader: Reader, book_id: BookId, endpoint_id: EndpointId, wanted: Slice[int], *, states: Collection[CallState]
) -> list[OutboundCall]:
    """Return a slice of the calls of an endpoint in the reader's scope, by the position of the newest fact of each."""
    span = wanted.bounds(is_descending=True)
    asked = {"book": book_id, "endpoint": endpoint_id, "partner": reader.partner_id, **position_bounds(span)}
    rows = reader.connection.execute(_PAGES[span.is_descending], asked | {"states": sorted(states)})
    return wanted.in_order([as_record(OutboundCall, row) for row in rows])


def deliveries(scope: Reader | Work, book_id: BookId, call_ids: Sequence[CallId]) -> dict[CallId, OutboundCall]:
    """Return the newest fact of each of these calls in the scope, in one statement."""
    asked = {"book": book_id, "partner": scope.partner_id, "calls": list(call_ids)}
    found = (as_record(OutboundCall, row) for row in scope.connection.execute(_NAMED, asked))
    return {each.call_id: each for each in found}


def delivery_at(reader: Reader, book_id: BookId, seq: int) -> OutboundCall:
    """Return the fact of a call at a position, which has one."""
    row = reader.connection.execute(_AT, {"book": book_id, "seq": seq}).one()
    return as_record(OutboundCall, row)


def attempts_of_each(reader: Reader, book_id: BookId, call_ids: Sequence[CallId]) -> dict[CallId, list[OutboundCall]]:
    """Return every fact of each of these calls in the reader's scope, in order: its intent, attempts and replays."""
    found: dict[CallId, list[OutboundCall]] = {each: [] for each in call_ids}
    asked = {"book": book_id, "partner": reader.partner_id, "calls": list(call_ids)}
    for row in reader.connection.execute(_HISTORY, asked):
        fact = as_record(OutboundCall, row)
        found[fact.call_id].append(fact)
    return found


_PARTNER: Final = sa.bindparam("partner", type_=_CALLS.partner_id.type)
_IDS: Final = sa.bindparam("calls", type_=sa.ARRAY(_CALLS.call_id.type))


def _page(*, is_descending: bool) -> sa.TextClause:
    """Select from the index of each state as many as the page can have, and of these the first."""
    direction = "DESC" if is_descending else "ASC"
    return sa.text(f"""
        SELECT newest.* FROM unnest(:states) AS asked (state) CROSS JOIN LATERAL (
            SELECT * FROM outbound_calls f
            WHERE f.book_id = :book AND f.endpoint_id = :endpoint AND f.state = asked.state
              AND f.seq > :above AND f.seq < :below AND (f.partner_id = :partner) IS NOT FALSE
              AND NOT EXISTS (
                  SELECT FROM outbound_calls l
                  WHERE l.book_id = f.book_id AND l.call_id = f.call_id AND l.seq > f.seq
              )
            ORDER BY f.seq {direction} LIMIT :limit
        ) newest
        ORDER BY newest.seq {direction} LIMIT :limit
    """).bindparams(  # noqa: S608  # one of two words
        _PARTNER,
        sa.bindparam("endpoint", type_=_CALLS.endpoint_id.type),
        sa.bindparam("states", type_=sa.ARRAY(sa.Text())),
    )


_PAGES: Final = {each: _page(is_descending=each) for each in (True, False)}
_NAMED: Final = sa.text("""
    SELECT newest.* FROM unnest(:calls) AS asked (call_id) CROSS JOIN LATERAL (
        SELECT * FROM outbound_calls c WHERE c.book_id = :book AND c.call_id = asked.call_id ORDER BY c.seq DESC LIMIT 1
    ) newest
    WHERE (newest.partner_id = :partner) IS NOT FALSE
""").bindparams(_PARTNER, _IDS)
_HISTORY: Final = sa.text("""
    SELECT * FROM outbound_calls
    WHERE book_id = :book AND call_id = ANY(:calls) AND (partner_id = :partner) IS NOT FALSE ORDER BY seq
""").bindparams(_PARTNER, _IDS)
_AT: Final = sa.text("SELECT * FROM outbound_calls WHERE book_id = :book AND seq = :seq")
