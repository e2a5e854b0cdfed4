"""Messages of webhooks: what a call says about its event, read from the journal, the same at every attempt."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from ledger.flows.event_schemas import noun_of, properties
from ledger.flows.event_types import EventType, event_type
from ledger.journal.partner_heads import ordinals
from ledger.journal.position_tokens import token_of
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.record import Column
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.outbox.records import CallId, WaitingCall
from ledger.public_ids import public

Message = dict[str, Any]
"""The content of a call, in JSON values: public ids, amounts as text; nothing personal."""


def messages(reader: Reader, book_id: BookId, calls: Sequence[WaitingCall]) -> dict[CallId, Message]:
    """Return the message of each call, with a few statements for all of them."""
    facts = _Facts.of_calls(reader, book_id, calls)
    named = _Named.of(reader, book_id, facts)
    tokens = _tokens(reader, book_id, calls)
    return {each.call_id: _message(each, facts, named, tokens) for each in calls}


def accounts_of(scope: Reader | Work, book_id: BookId, calls: Sequence[WaitingCall]) -> dict[CallId, frozenset[UUID]]:
    """Return the accounts that the event of each call is about, also those of other partners."""
    facts = _Facts.of_calls(scope, book_id, calls)
    named = _Named.of(scope, book_id, facts)
    return {each.call_id: frozenset(_accounts(facts.of(each)._asdict(), named)) for each in calls}


@dataclass(frozen=True)
class _Facts:
    """The facts that calls are about, by type and position, as rows of the columns that their events show."""

    rows: Mapping[tuple[EventType, int], sa.Row[Any]]

    @classmethod
    def of_calls(cls, scope: Reader | Work, book_id: BookId, calls: Iterable[WaitingCall]) -> "_Facts":
        by_type: dict[EventType, set[int]] = {}
        for each in calls:
            by_type.setdefault(event_type(each.topic), set()).add(each.about_seq)
        rows: dict[tuple[EventType, int], sa.Row[Any]] = {}
        for wanted, seqs in by_type.items():
            found = scope.connection.execute(_query(wanted), {"book": book_id, "seqs": list(seqs)})
            rows |= {(wanted, row.seq): row for row in found}
        return cls(rows)

    def of(self, call: WaitingCall) -> sa.Row[Any]:
        return self.rows[event_type(call.topic), call.about_seq]

    def values(self, is_wanted: Callable[[Column], bool]) -> set[Any]:
        """Return the values of the columns that match."""
        found: set[Any] = set()
        for (wanted, _), row in self.rows.items():
            found.update([row[at] for at in _places(wanted, is_wanted)])
        return found - {None}


@dataclass(frozen=True)
class _Named:
    """The accounts and transfers that events refer to, each with its id and its partner."""

    by_number: Mapping[int, tuple[UUID, UUID]]
    owners: Mapping[UUID, UUID]
    transfers: Mapping[int, tuple[UUID, UUID]]

    @classmethod
    def of(cls, scope: Reader | Work, book_id: BookId, facts: _Facts) -> "_Named":
        asked = {"book": book_id, "numbers": list(facts.values(_is_number)), "ids": list(facts.values(_is_account))}
        seqs = list(facts.values(_is_position))
        accounts = scope.connection.execute(_ACCOUNTS, asked).all()
        found = scope.connection.execute(_TRANSFERS, {"book": book_id, "seqs": seqs}).all() if seqs else ()
        return cls(
            {row.account_no: (row.account_id, row.partner_id) for row in accounts},
            {row.account_id: row.partner_id for row in accounts},
            {row.seq: (row.transfer_id, row.partner_id) for row in found},
        )

    def shown(self, column: Column, value: Any, partner_id: PartnerId, row: sa.Row[Any]) -> Any:
        """Return an id as the partner sees it: None if the thing is another partner's."""
        if value is None:
            return None
        if _is_number(column):
            return _own("account", self.by_number[value], partner_id)
        if _is_position(column):
            return _own("transfer", self.transfers[value], partner_id)
        if _is_account(column) and self.owners.get(value) != partner_id:
            return None
        return public(noun_of(column.name) or row.noun, value)


def _own(noun: str, found: tuple[UUID, UUID], partner_id: PartnerId) -> str | None:
    thing_id, owner = found
    return public(noun, thing_id) if owner == partner_id else None


def _message(call: WaitingCall, facts: _Facts, named: _Named, tokens: Mapping[tuple[PartnerId, int], str]) -> Message:
    wanted = event_type(call.topic)
    row = facts.rows[wanted, call.about_seq]
    data = {
        name: convert(value) if convert is not None else named.shown(column, value, call.partner_id, row)
        for (name, column, convert), value in zip(_shown(wanted), row, strict=False)
    }
    return {
        "id": public("call", call.call_id),
        "type": wanted.name,
        "version": wanted.version,
        "timestamp": row.fact_recorded_at.isoformat(),
        "position": tokens[call.partner_id, call.about_seq],
        "data": data,
    }


def _tokens(reader: Reader, book_id: BookId, calls: Sequence[WaitingCall]) -> dict[tuple[PartnerId, int], str]:
    by_partner: dict[PartnerId, set[int]] = {}
    for each in calls:
        by_partner.setdefault(each.partner_id, set()).add(each.about_seq)
    return {
        (partner_id, seq): token_of(ordinal)
        for partner_id, seqs in by_partner.items()
        for seq, ordinal in ordinals(Reader(reader.connection, partner_id), book_id, seqs).items()
    }


def _accounts(row: Mapping[str, Any], named: _Named) -> Iterable[UUID]:
    for name, value in row.items():
        if name.endswith("_no"):
            yield named.by_number[value][0]
        elif noun_of(name) == "account" and value is not None:
            yield value


def _is_number(column: Column) -> bool:
    return column.name.endswith("_no")


def _is_position(column: Column) -> bool:
    return column.name.endswith("_seq")


def _is_account(column: Column) -> bool:
    return column.storage is UUID and noun_of(column.name) == "account"


Convert = Callable[[Any], Any]


@cache
def _shown(wanted: EventType) -> tuple[tuple[str, Column, Convert | None], ...]:
    """Return the properties of a type with the conversion of each; None for an id."""
    return tuple((each.name, each.column, _conversion(each.column)) for each in properties(wanted))


def _conversion(column: Column) -> Convert | None:
    if column.storage is UUID or _is_number(column) or _is_position(column):
        return None
    of_type = _text if column.name.endswith("_minor") else _OF_TYPES.get(column.storage, _same)
    return _CONVERSIONS.get(column.name, of_type)


def _same(value: Any) -> Any:
    return value


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)


def _words(value: str | None) -> list[str]:
    return [] if value is None else value.split()


def _parsed(value: str | None) -> Any:
    return None if value is None else json.loads(value)


def _iso(value: date | datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _hex(value: bytes | None) -> str | None:
    return None if value is None else value.hex()


_CONVERSIONS: Final[Mapping[str, Convert]] = {
    "tags": _words,
    "event_types": _words,
    "entries": _parsed,
    "declaration": _parsed,
}
_OF_TYPES: Final[Mapping[type, Convert]] = {date: _iso, datetime: _iso, bytes: _hex}


@cache
def _places(wanted: EventType, is_wanted: Callable[[Column], bool]) -> tuple[int, ...]:
    return tuple(at for at, each in enumerate(properties(wanted)) if is_wanted(each.column))


@cache
def _query(wanted: EventType) -> sa.Select[tuple[Any, ...]]:
    stored = table(wanted.record).c
    shown = [stored[each.column.name] for each in properties(wanted)]
    return sa.select(*shown, stored.seq, stored.recorded_at.label("fact_recorded_at")).where(
        stored.book_id == sa.bindparam("book", type_=sa.Integer()),
        stored.seq == sa.any_(sa.bindparam("seqs", type_=sa.ARRAY(sa.BigInteger()))),
    )


_ACCOUNTS: Final = sa.text("""
    SELECT account_no, account_id, partner_id FROM accounts WHERE book_id = :book AND account_no = ANY(:numbers)
    UNION ALL
    SELECT account_no, account_id, partner_id FROM accounts WHERE book_id = :book AND account_id = ANY(:ids)
""").bindparams(sa.bindparam("numbers", type_=sa.ARRAY(sa.Integer())), sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid())))
_TRANSFERS: Final = sa.text("""
    SELECT t.seq, t.transfer_id, p.partner_id FROM transfers t
    JOIN partners p ON p.book_id = t.book_id AND p.partner_no = t.partner_no
    WHERE t.book_id = :book AND t.seq = ANY(:seqs)
""").bindparams(sa.bindparam("seqs", type_=sa.ARRAY(sa.BigInteger())))
