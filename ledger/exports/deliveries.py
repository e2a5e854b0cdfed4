"""Deliveries: an export's way to each of its destinations, attempt by attempt, as facts."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from ledger.exports.destinations import destinations, destinations_of
from ledger.exports.export_queries import export_at
from ledger.exports.lifecycles import DELIVERY_LIFE, EXPORT_LIFE
from ledger.exports.records import DeliveryId, DeliveryState, Export, ExportDelivery, ExportId, ExportState
from ledger.journal import journal
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import BookId, derived_id
from ledger.kernel.reasons import require_reason
from ledger.kernel.record import columns
from ledger.kernel.rows import as_record
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work

_DELIVERIES: Final = table(ExportDelivery)
_NAMES: Final = tuple(column.name for column in columns(ExportDelivery)[3:])
_ENDED: Final = (ExportState.WITHHELD, ExportState.SUPERSEDED)


class Outcome(NamedTuple):
    """The outcome of an attempt: the receipt if it was received, or else the fault, and the instant of the next one.

    Without a next attempt the delivery is given up.
    """

    receipt: str | None = None
    fault: str | None = None
    next_at: datetime | None = None


def intend_deliveries(work: Work, book_id: BookId, export_id: ExportId) -> list[ExportDelivery]:
    """Record the intent to deliver an export to each destination that it was not yet meant for; return all of its own.

    Raises `NotFound`, and `InvalidInput` for an export that was withheld or superseded.
    """
    batch = journal.open_batch(work, book_id)
    export = export_at(work, book_id, export_id)
    if export.state in _ENDED:
        raise InvalidInput(f"the export is {export.state}; only the one that stands for its period is delivered")
    known = {each.destination_id for each in deliveries(work, book_id, [export_id])}
    fresh = [each.destination_id for each in destinations_of(work, export) if each.destination_id not in known]
    facts = [
        journal.draft(
            ExportDelivery,
            delivery_id=DeliveryId(derived_id(book_id, "export delivery", export_id, destination_id)),
            export_id=export_id,
            destination_id=destination_id,
            state=DELIVERY_LIFE.after(None, "intend"),
            attempt=0,
            begun_at=work.now,
            due_at=work.now,
            receipt=None,
            actor=work.actor,
            reason="the export was made",
        )
        for destination_id in fresh
    ]
    if facts:
        journal.seal(work, batch, facts)
    return deliveries(work, book_id, [export_id])


def record_attempt(work: Work, book_id: BookId, claimed: ExportDelivery, outcome: Outcome) -> ExportDelivery:
    """Record the outcome of an attempt, and with the last delivery that the export is delivered.

    If another process has recorded one since `claimed` was read, this records nothing.
    """
    batch = journal.open_batch(work, book_id)
    known = DELIVERY_LIFE.newest(work, book_id, claimed.delivery_id)
    assert known is not None, "what is attempted was intended"
    if known.seq != claimed.seq:
        return known
    facts = [_next(known, _verdict(known, outcome), work.actor)]
    export = export_at(work, book_id, known.export_id)
    if outcome.fault is None and export.state is ExportState.MADE and _is_last(work, known):
        facts.append(_delivered(export, work.actor))
    journal.seal(work, batch, facts)
    newest = DELIVERY_LIFE.newest(work, book_id, claimed.delivery_id)
    assert newest is not None, "it was recorded just now"
    return newest


def resend(work: Work, book_id: BookId, export_id: ExportId, *, reason: str) -> list[ExportDelivery]:
    """Have the deliveries of an export that ended made again, and those to new destinations; return all of its own.

    Raises `InvalidInput` if it has no destination, or is not the one that stands.
    """
    require_reason(reason)
    found = intend_deliveries(work, book_id, export_id)
    active = {each for each, to in destinations(work, book_id).items() if to.is_active}
    ended = [each for each in found if each.state is not DeliveryState.WAITING and each.destination_id in active]
    if ended:
        batch = journal.open_batch(work, book_id)
        said = {"attempt": 0, "begun_at": work.now, "due_at": work.now, "reason": reason}
        facts = [_next(each, said | {"state": DELIVERY_LIFE.after(each, "resend")}, work.actor) for each in ended]
        journal.seal(work, batch, facts)
    if not found:
        raise InvalidInput("the export has no destination; add one with cofferdam reporting destination")
    return deliveries(work, book_id, [export_id])


def deliveries(
    scope: Reader | Work, book_id: BookId, export_ids: Iterable[ExportId] | None = None
) -> list[ExportDelivery]:
    """Return the newest fact of each delivery of exports, or of all exports of a book, the latest change first."""
    stored = _DELIVERIES.c
    query = _DELIVERIES.select().ext(distinct_on(stored.delivery_id)).where(stored.book_id == book_id)
    query = query if export_ids is None else query.where(stored.export_id.in_(list(export_ids)))
    newest = query.order_by(stored.delivery_id, stored.seq.desc()).subquery()
    rows = scope.connection.execute(sa.select(newest).order_by(newest.c.seq.desc()))
    return [as_record(ExportDelivery, row) for row in rows]


def due_deliveries(scope: Reader | Work, book_id: BookId, now: datetime) -> Sequence[ExportDelivery]:
    """Return the deliveries whose next attempt is due, the one that waits longest first.

    Those of exports that were superseded since are not made.
    """
    due = [each for each in deliveries(scope, book_id) if each.due_at is not None and each.due_at <= now]
    standing = {each: export_at(scope, book_id, each).state not in _ENDED for each in {each.export_id for each in due}}
    return sorted((each for each in due if standing[each.export_id]), key=lambda each: (each.begun_at, each.seq))


def _verdict(known: ExportDelivery, outcome: Outcome) -> dict[str, object]:
    verb = "deliver" if outcome.fault is None else "give_up" if outcome.next_at is None else "fail"
    said = {"state": DELIVERY_LIFE.after(known, verb), "attempt": known.attempt + 1, "due_at": outcome.next_at}
    return said | {"receipt": outcome.receipt, "reason": outcome.fault or "it was received"}


def _is_last(work: Work, done: ExportDelivery) -> bool:
    """Return whether every other delivery of the export was received."""
    others = (each for each in deliveries(work, done.book_id, [done.export_id]) if each.delivery_id != done.delivery_id)
    return all(each.state is DeliveryState.DELIVERED for each in others)


def _next(known: ExportDelivery, said: dict[str, object], actor: str) -> journal.Draft:
    return journal.draft(ExportDelivery, **{name: getattr(known, name) for name in _NAMES} | said | {"actor": actor})


def _delivered(export: Export, actor: str) -> journal.Draft:
    said = {column.name: getattr(export, column.name) for column in columns(Export)[3:]}
    said |= {"state": EXPORT_LIFE.after(export, "deliver"), "actor": actor, "reason": "every destination received it"}
    return journal.draft(Export, **said)
