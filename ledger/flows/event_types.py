"""Event types: every kind of fact that a partner sees, as webhooks name it, with the JSON Schema of its content.

All of it is derived from the records: a column that is personal, withheld, or another partner's to know is left out.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from ledger.book.records.accounts import Account, AccountTerms
from ledger.book.records.monitors import Monitor, MonitorEvent
from ledger.book.records.transfers import RefusedTransfer, Transfer
from ledger.flows.partner_facts import FactKind
from ledger.kernel.errors import InvalidInput
from ledger.kernel.record import Column, Fact, columns
from ledger.metadata.records import ObjectMetadata
from ledger.outbox.records import Endpoint
from ledger.public_ids import PREFIXES
from ledger.templates.records import PostingTemplate
from ledger.tenancy.records import Customer


class EventType(NamedTuple):
    """A type of event: its name, the record whose facts are such events, and the version of its content.

    A version only ever gains properties; a property that changes or goes is a new version. `kind` is None for events
    that no fact of money or of customers causes.
    """

    name: str
    record: type[Fact]
    kind: FactKind | None
    description: str
    version: int = 1


TEST_EVENT: Final = EventType("webhook.test", Endpoint, None, "A test of an endpoint, which you asked for.")
"""The event that an endpoint's owner has sent to it."""

EVENT_TYPES: Final[Mapping[str, EventType]] = {
    each.name: each
    for each in (
        EventType(
            "transfer.posted",
            Transfer,
            FactKind.TRANSFER,
            "A transfer of yours is done: money moved or is held, or a hold has ended.",
        ),
        EventType(
            "transfer.rejected",
            RefusedTransfer,
            FactKind.REFUSED_TRANSFER,
            "A transfer of yours was refused for good, by the state of the book.",
        ),
        EventType("account.opened", Account, FactKind.ACCOUNT, "An account of yours was opened."),
        EventType(
            "account.terms_changed",
            AccountTerms,
            FactKind.TERMS,
            "The limits, the credit line or the freeze of an account have changed.",
        ),
        EventType("customer.registered", Customer, FactKind.CUSTOMER, "A customer of yours was registered."),
        EventType("monitor.changed", Monitor, FactKind.MONITOR, "A monitor of yours begins or ends."),
        EventType(
            "monitor.triggered",
            MonitorEvent,
            FactKind.MONITOR_EVENT,
            "The condition of a monitor of yours has become true.",
        ),
        EventType(
            "template.published",
            PostingTemplate,
            FactKind.TEMPLATE,
            "A version of a posting template of yours was published.",
        ),
        EventType(
            "metadata.changed", ObjectMetadata, FactKind.METADATA, "Your own words for an object have changed."
        ),
    )
}
"""The types that an endpoint can subscribe to, by name; they are those of the subscription to events."""

DEFAULT_EVENT_TYPES: Final = ("monitor.triggered",)
"""The types of an endpoint without settings."""

_EARLIER_NAMES: Final = {"monitor_triggered": "monitor.triggered", TEST_EVENT.name: TEST_EVENT.name}


class Property(NamedTuple):
    """A property of an event's content: its name, the column that it comes from, and its JSON Schema."""

    name: str
    column: Column
    schema: Mapping[str, Any]


def event_type(topic: str) -> EventType:
    """Return the type of a call's topic; calls from before there were types have other names."""
    name = _EARLIER_NAMES.get(topic, topic)
    return TEST_EVENT if name == TEST_EVENT.name else EVENT_TYPES[name]


def require_event_types(names: Sequence[str]) -> None:
    """Raise `InvalidInput` for a name that is no type of event."""
    for name in names:
        if name not in EVENT_TYPES:
            raise InvalidInput(f"{name[:60]!r} is no type of event; there are: {', '.join(EVENT_TYPES)}")


@cache
def properties(wanted: EventType) -> tuple[Property, ...]:
    """Return the properties of the content of an event type, in the order of the record's columns."""
    shown = (column for column in columns(wanted.record) if _is_shown(wanted.record, column))
    return tuple(Property(_property_name(column.name), column, _schema(column)) for column in shown)


def json_schema(wanted: EventType) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of an event: the envelope and the content of one type and version."""
    content = {each.name: dict(each.schema) for each in properties(wanted)}
    envelope: dict[str, Any] = {
        "id": {
            "description": "The same at every attempt, and equal to the header webhook-id.",
            **_id_pattern("call"),
        },
        "type": {"const": wanted.name},
        "version": {"const": wanted.version},
        "timestamp": {"description": "The instant at which the event was recorded.", **_INSTANT},
        "position": {
            "description": "Its place among your events; compare two as texts.",
            "type": "string",
            "pattern": "^pos_[0-9A-Z]{13}$",
        },
        "data": {
            "type": "object",
            "properties": content,
            "required": list(content),
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{wanted.name}, version {wanted.version}",
        "description": wanted.description,
        "type": "object",
        "properties": envelope,
        "required": list(envelope),
    }


_INSTANT: Final = {"type": "string", "format": "date-time"}
_ENVELOPE: Final = frozenset({"book_id", "seq", "recorded_at"})
_OURS: Final = frozenset({"partner_id", "partner_no", "actor", "actor_no", "is_imported", "person_id", "reason"})
"""Columns that are the same in all events of a partner, or that only the operator knows."""

_ONLY: Final[Mapping[type[Fact], frozenset[str]]] = {Endpoint: frozenset({"endpoint_id", "event_types"})}
"""The columns of records that are no events of the ledger."""

_OF_BOTH_SIDES: Final = ("debit_account_", "credit_account_")
_WORDS: Final = frozenset({"tags", "event_types"})
_OBJECTS: Final = frozenset({"entries", "declaration"})


def _is_shown(record: type[Fact], column: Column) -> bool:
    col, name = column.col, column.name
    if record in _ONLY:
        return name in _ONLY[record]
    is_private = col.pii or col.pii_where is not None or col.withheld
    is_balance = record is Transfer and name.startswith(_OF_BOTH_SIDES) and name.endswith("_minor")
    is_own_number = record is Account and name == "account_no"
    return not (is_private or is_balance or is_own_number or name in _ENVELOPE | _OURS)


def _property_name(column: str) -> str:
    """Return the name in camel case; what a number or a position refers to is named by its id."""
    stem = column.removesuffix("_no").removesuffix("_seq")
    first, *others = (column if stem == column else f"{stem}_id").split("_")
    return first + "".join(map(str.capitalize, others))


def _schema(column: Column) -> Mapping[str, Any]:
    schema = {"description": column.col.doc, **_type(column)}
    is_nullable = column.nullable or column.storage is UUID or column.name.endswith(("_no", "_seq"))
    if is_nullable and "type" in schema:
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    return schema


def _type(column: Column) -> dict[str, Any]:
    name, storage = column.name, column.storage
    if name in _WORDS:
        return {"type": "array", "items": {"type": "string"}}
    if name in _OBJECTS:
        return {"type": "object"}
    if column.choices:
        return {"type": "string", "enum": list(column.choices)}
    if name.endswith("_no"):
        return _id_pattern("account")
    if name.endswith("_seq"):
        return _id_pattern("transfer")
    if storage is UUID:
        noun = noun_of(name)
        return {"type": "string"} if noun is None else _id_pattern(noun)
    if storage is int and name.endswith("_minor"):
        return {"type": "string", "pattern": "^-?[0-9]+$"}
    return dict(_SIMPLE[storage])


def noun_of(column: str) -> str | None:
    """Return the noun of the public ids in a column, or None if the row says it in its column `noun`."""
    if column == "hold_id":
        return "transfer"
    stem = column.removesuffix("_id")
    return next((noun for noun in PREFIXES if stem == noun or stem.endswith(f"_{noun}")), None)


def _id_pattern(noun: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{PREFIXES[noun]}_[0-9a-f]{{32}}$"}


_SIMPLE: Final[Mapping[type, Mapping[str, Any]]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    str: {"type": "string"},
    bytes: {"type": "string", "pattern": "^[0-9a-f]+$"},
    date: {"type": "string", "format": "date"},
    datetime: _INSTANT,
}
