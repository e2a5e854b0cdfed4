"""Delivery of exports: what is due is attempted over the transport of its address, and the outcome is recorded.

Calls to partners' endpoints go through the outbox (`ledger/outbox`); a recipient of exports is no partner and has no
HTTP endpoint, so that only the back-off is shared. An attempt may be made twice after a kill, with the same bytes under
the same names: a destination holds an export once.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from importlib import import_module
from typing import Final, NamedTuple, Protocol, cast
from urllib.parse import urlsplit

from ledger.exports.deliveries import Outcome, due_deliveries, record_attempt
from ledger.exports.destinations import destinations, opened_credential
from ledger.exports.export_queries import export_at
from ledger.exports.records import Export, ExportDelivery, ExportDestination
from ledger.kernel.errors import Refusal
from ledger.kernel.work import read
from ledger.outbox.backoff import next_attempt_at
from ledger.outbox.records import CallId
from ledger.public_ids import public
from pipelines.exports.exporter import Exporter
from pipelines.exports.transports.deliverable import Deliverable, DeliveryFault, deliverable_of

Transport = Callable[[Deliverable, ExportDestination, str | None], str]

_MODULES: Final = {"file": "folder", "s3": "object_store", "sftp": "sftp"}
"""The module of `transports` for the scheme of an address."""


class _Module(Protocol):
    deliver: Transport


class Attempted(NamedTuple):
    """An attempt: the delivery after it, its export and its destination."""

    delivery: ExportDelivery
    export: Export
    to: ExportDestination


def deliver_due(exporter: Exporter, *, transports: Mapping[str, Transport] | None = None) -> Iterator[Attempted]:
    """Attempt every delivery of a book that is due, and yield each outcome as it is recorded.

    `transports` are used in place of those of the schemes.
    """
    place = exporter.place
    with read(place.engine) as reader:
        due = due_deliveries(reader, place.book_id, exporter.clock())
        known = destinations(reader, place.book_id)
        exports = {each.export_id: export_at(reader, place.book_id, each.export_id) for each in due}
    for delivery in due:
        attempt = Attempted(delivery, exports[delivery.export_id], known[delivery.destination_id])
        scheme = urlsplit(attempt.to.address).scheme
        outcome = _attempted(exporter, attempt, transports[scheme] if transports else _transport(scheme))
        with exporter.work() as work:
            recorded = record_attempt(work, place.book_id, delivery, outcome)
        yield attempt._replace(delivery=recorded)


def _transport(scheme: str) -> Transport:
    """Import the transport of a scheme; here and not above, since SFTP's client costs a second of every start."""
    return cast(_Module, import_module(f"{__package__}.transports.{_MODULES[scheme]}")).deliver


def _attempted(exporter: Exporter, attempt: Attempted, transport: Transport) -> Outcome:
    delivery, export, to = attempt
    if not to.is_active:
        return Outcome(fault="the destination has ended")
    assert export.manifest_hash is not None, "what is delivered was made"
    name = "/".join((exporter.place.book.name, export.report, str(export.until_on), public("export", export.export_id)))
    try:
        deliverable = deliverable_of(exporter.folder_of(export), export.manifest_hash, name)
        return Outcome(receipt=transport(deliverable, to, opened_credential(exporter.vault, to)))
    except DeliveryFault as fault:
        next_at = None if fault.is_final else _next_at(delivery, exporter.clock())
        return Outcome(fault=str(fault)[:500], next_at=next_at)
    except Refusal as refusal:
        return Outcome(fault=str(refusal)[:500])


def _next_at(delivery: ExportDelivery, now: datetime) -> datetime | None:
    return next_attempt_at(CallId(delivery.delivery_id), delivery.attempt + 1, begun_at=delivery.begun_at, now=now)
