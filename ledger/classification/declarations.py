"""Reads a declaration of classes from a file: a TOML document, or CSV with a header."""

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from io import StringIO
from typing import Final, TypeVar

from ledger.classification.classifications import ClassificationRule
from ledger.classification.records import Channel, Rail, TransferClass
from ledger.kernel.errors import InvalidInput
from ledger.kernel.ids import PartnerId
from ledger.kernel.toml import read_toml

_KEYS: Final = ("code", "class", "partner", "from", "rail", "channel")
_TABLES: Final = "transfers"

_E = TypeVar("_E", bound=StrEnum)


def declared_rules(text: str, *, is_csv: bool, partners: Mapping[str, PartnerId]) -> list[ClassificationRule]:
    """Parse a declaration; `partners` are the ids of the book's partners by their references.

    A rule has a `code` and a `class`, and may have `partner`, `from` (a date), `rail` and `channel`. A refusal names
    the rule by its number, and in CSV by its line. Raises `InvalidInput`.
    """
    rows = _csv_rows(text) if is_csv else _toml_rows(text)
    return [_rule(where, row, partners) for where, row in rows]


def _toml_rows(text: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    try:
        document = read_toml(text)
    except ValueError as fault:
        raise InvalidInput(f"it is not TOML: {fault}") from None
    rows = document.pop(_TABLES, None)
    if document or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InvalidInput(f"it has one list of tables and nothing else, each of them under [[{_TABLES}]]")
    yield from ((f"rule {number}", row) for number, row in enumerate(rows, 1))


def _csv_rows(text: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    reader = csv.DictReader(StringIO(text), strict=True)
    header = reader.fieldnames or []
    if unknown := sorted(set(header) - set(_KEYS)):
        raise InvalidInput(f"line 1: there is no column {unknown[0]!r}; there are {', '.join(_KEYS)}")
    if len(set(header)) < len(header) or not {"code", "class"} <= set(header):
        raise InvalidInput("line 1: the header names the columns code and class, and each column once")
    try:
        for row in reader:
            where = f"line {reader.line_num}"
            if None in row or None in row.values():
                raise InvalidInput(f"{where}: the row has not {len(header)} fields, as the header has")
            yield where, {name: value for name, value in row.items() if value != ""}
    except csv.Error as fault:
        raise InvalidInput(f"line {reader.line_num}: it is not CSV: {fault}") from None


def _rule(where: str, row: Mapping[str, object], partners: Mapping[str, PartnerId]) -> ClassificationRule:
    if unknown := sorted(set(row) - set(_KEYS)):
        raise InvalidInput(f"{where}: there is no key {unknown[0]!r}; there are {', '.join(_KEYS)}")
    for key in ("code", "class"):
        if not row.get(key):
            raise InvalidInput(f"{where}: it has no {key}; every rule has a code and a class")
    transfer_class = _member(where, row, "class", TransferClass)
    assert transfer_class is not None, "a class is required above"
    return ClassificationRule(
        _text(where, row, "code") or "",
        transfer_class,
        _partner(where, row, partners),
        _day(where, row),
        _member(where, row, "rail", Rail),
        _member(where, row, "channel", Channel),
    )


def _text(where: str, row: Mapping[str, object], key: str) -> str | None:
    value = row.get(key)
    if value is not None and not isinstance(value, str):
        raise InvalidInput(f'{where}: {key} is a text; write {key} = "…"')
    return value


def _member(where: str, row: Mapping[str, object], key: str, members: type[_E]) -> _E | None:
    text = _text(where, row, key)
    if text is not None and text not in list(members):
        raise InvalidInput(f"{where}: there is no {key} {text!r}; there are {', '.join(members)}")
    return None if text is None else members(text)


def _partner(where: str, row: Mapping[str, object], partners: Mapping[str, PartnerId]) -> PartnerId | None:
    ref = _text(where, row, "partner")
    if ref is not None and ref not in partners:
        raise InvalidInput(
            f"{where}: the book has no partner {ref!r}; write the reference of one, such as harbor-goods"
        )
    return None if ref is None else partners[ref]


def _day(where: str, row: Mapping[str, object]) -> date:
    value = row.get("from", date.min)
    if isinstance(value, date) and type(value) is date:
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise InvalidInput(f"{where}: {value!r} is not a date; write from = 2026-10-31") from None
