"""Schemas of events: the properties of each type's content, and their JSON Schema.

All of it is derived from the records: a column that is personal, withheld, or another partner's to know is left out.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from ledger.book.records.accounts import Account
from ledger.book.records.transfers import Transfer
from ledger.flows.event_types import EventType
from ledger.kernel.errors import InvalidInput
from ledger.kernel.record import Column, Fact, columns
from ledger.outbox.records import Endpoint
from ledger.public_ids import PREFIXES


class Property(NamedTuple):
    """A property of an event's content: its name, the column that it comes from, and its JSON Schema."""

    name: str
    column: Column
    schema: Mapping[str, Any]


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


def require_compatible(wanted: EventType, published: Mapping[str, Any]) -> None:
    """Raise `InvalidInput` unless the schema has what was published of the version, descriptions apart."""
    now = json_schema(wanted)["properties"]["data"]["properties"]
    for name, schema in published["properties"]["data"]["properties"].items():
        if name not in now or _undescribed(now[name]) != _undescribed(schema):
            raise InvalidInput(
                f"{wanted.name}, version {wanted.version}: the property {name} was published, and has changed; "
                "raise the version of the event type"
            )


@cache
def noun_of(column: str) -> str | None:
    """Return the noun of the public ids in a column, or None if the row says it in its column `noun`."""
    if column == "hold_id":
        return "transfer"
    stem = column.removesuffix("_id")
    return next((noun for noun in PREFIXES if stem == noun or stem.endswith(f"_{noun}")), None)


def _undescribed(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "description"}


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
    if (noun := _noun(column)) is not None:
        return _id_pattern(noun)
    if name in _WORDS:
        return {"type": "array", "items": {"type": "string"}}
    if name in _OBJECTS:
        return {"type": "object"}
    if column.choices:
        return {"type": "string", "enum": list(column.choices)}
    if storage is int and name.endswith("_minor"):
        return {"type": "string", "pattern": "^-?[0-9]+$"}
    return dict(_SIMPLE[storage])


def _noun(column: Column) -> str | None:
    """Return the noun of the ids that a column is shown as."""
    if column.name.endswith("_no"):
        return "account"
    if column.name.endswith("_seq"):
        return "transfer"
    return noun_of(column.name) if column.storage is UUID else None


def _id_pattern(noun: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{PREFIXES[noun]}_[0-9a-f]{{32}}$"}


_SIMPLE: Final[Mapping[type, Mapping[str, Any]]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    str: {"type": "string"},
    UUID: {"type": "string"},
    bytes: {"type": "string", "pattern": "^[0-9a-f]+$"},
    date: {"type": "string", "format": "date"},
    datetime: _INSTANT,
}
