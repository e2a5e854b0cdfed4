"""Replays of webhooks: the events of a range are due again at an endpoint, also those that it never got."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.flows.event_types import DEFAULT_EVENT_TYPES, EVENT_TYPES
from ledger.flows.partner_facts import FactFilter, FactKind, PartnerFact, partner_facts
from ledger.flows.webhooks import call_id_of
from ledger.journal import journal
from ledger.kernel.errors import IllegalTransition, InvalidInput
from ledger.kernel.ids import BookId
from ledger.kernel.work import Reader, Work
from ledger.outbox.calls import OUTBOX, intent, replayed
from ledger.outbox.delivery_log import deliveries
from ledger.outbox.endpoints import endpoint
from ledger.outbox.records import CallState, Endpoint, EndpointId, EndpointState, OutboundCall

REPLAYED_MAX: Final = 1_000
"""Maximum number of events of one replay; the next one continues after them."""


_PAGES_MAX: Final = 10
"""Pages of a partner's facts that one replay looks through while the writers of the book wait."""


class ReplayRange(NamedTuple):
    """The events to replay: after a position, recorded within a span of time, all or those given up alone."""

    after: int | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None
    only_given_up: bool = False


class Replayed(NamedTuple):
    """The outcome of a replay: the position of its last fact, the number of events made due, and where to go on.

    `continue_after` is None if the range has no more events.
    """

    seq: int
    event_count: int
    continue_after: int | None


def replay_events(work: Work, book_id: BookId, endpoint_id: EndpointId, wanted: ReplayRange) -> Replayed:
    """Make the first events of a range due again, in the order of the journal.

    An event that waits already stays as it is. Raises `NotFound`, `InvalidInput` for an empty range, and
    `IllegalTransition` for a retired endpoint.
    """
    if wanted.from_at is not None and wanted.until_at is not None and wanted.from_at >= wanted.until_at:
        raise InvalidInput("the range ends before it begins: give an earlier instant first")
    batch = journal.open_batch(work, book_id)
    to = endpoint(work, book_id, endpoint_id)
    if to.state is EndpointState.RETIRED:
        raise IllegalTransition("the endpoint is retired: register it again to have events sent there")
    drafts, continue_after = _drafts(work, to, wanted, at=batch.recorded_at)
    last_seq = journal.seal(work, batch, drafts).last_seq if drafts else batch.head.last_seq
    return Replayed(last_seq, len(drafts), continue_after)


def replayed_at(reader: Reader, book_id: BookId, endpoint_id: EndpointId, seq: int) -> Replayed:
    """Return what an earlier replay recorded whose last fact is at a position."""
    asked = {"book": book_id, "endpoint": endpoint_id, "seq": seq}
    row = reader.connection.execute(_REPLAYED, asked).one()
    return Replayed(seq, row.event_count, row.last_seq)


def _drafts(
    work: Work, to: Endpoint, wanted: ReplayRange, *, at: datetime
) -> tuple[Sequence[journal.Draft], int | None]:
    """Draft replays, page by page of the partner's facts; return them, and where to continue if there may be more."""
    after, drafts = _start(work, to, wanted), list[journal.Draft]()
    reader, interest = Reader(work.connection, to.partner_id), FactFilter(_kinds(to), ())
    for _ in range(_PAGES_MAX):
        page = partner_facts(reader, to.book_id, interest, after=after, limit=REPLAYED_MAX - len(drafts))
        facts = [each for each in page if wanted.until_at is None or each.recorded_at < wanted.until_at]
        if not facts:
            return drafts, None
        drafts += _of_facts(work, to, facts, wanted, at=at)
        after = facts[-1].seq
        if len(drafts) >= REPLAYED_MAX:
            break
    return drafts, after


def _of_facts(
    work: Work, to: Endpoint, facts: Sequence[PartnerFact], wanted: ReplayRange, *, at: datetime
) -> list[journal.Draft]:
    ids = {call_id_of(to.book_id, to.endpoint_id, each.seq): each for each in facts}
    newest = deliveries(work, to.book_id, list(ids))
    drafts = []
    for call_id, fact in ids.items():
        call = newest.get(call_id)
        if call is None and not wanted.only_given_up:
            drafts.append(intent(call_id, to, _NAMES[fact.kind], fact.seq, begun_at=at, reason=_REASON))
        elif call is not None and _is_wanted(call, wanted):
            drafts.append(replayed(call, at=at, actor=OUTBOX, reason=_REASON))
    return drafts


def _is_wanted(call: OutboundCall, wanted: ReplayRange) -> bool:
    return call.state is CallState.GIVEN_UP or (call.state is CallState.DELIVERED and not wanted.only_given_up)


def _kinds(to: Endpoint) -> list[FactKind]:
    names = DEFAULT_EVENT_TYPES if to.event_types is None else to.event_types.split(" ")
    return [each.kind for name, each in EVENT_TYPES.items() if name in names and each.kind is not None]


def _start(work: Work, to: Endpoint, wanted: ReplayRange) -> int:
    """Return the position after which the range begins."""
    begins: int = work.connection.execute(_BEFORE, {"book": to.book_id, "instant": wanted.from_at}).scalar_one()
    return max(wanted.after or 0, begins if wanted.from_at is not None else 0)


_REASON: Final = "a replay was asked for"
_NAMES: Final = {each.kind: each.name for each in EVENT_TYPES.values() if each.kind is not None}
_BEFORE: Final = sa.text("""
    SELECT coalesce((
        SELECT seq FROM journal_batches
        WHERE book_id = :book AND recorded_at < :instant ORDER BY recorded_at DESC LIMIT 1
    ), 0)
""").bindparams(sa.bindparam("instant", type_=sa.DateTime(timezone=True)))
_REPLAYED: Final = sa.text("""
    SELECT count(*) AS event_count, max(c.about_seq) AS last_seq FROM outbound_calls c
    WHERE c.book_id = :book AND c.endpoint_id = :endpoint AND c.seq <= :seq AND c.reason = 'a replay was asked for'
      AND c.seq >= (
          SELECT first_seq FROM journal_batches b WHERE b.book_id = :book AND b.seq >= :seq ORDER BY b.seq LIMIT 1
      )
""")
