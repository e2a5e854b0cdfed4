"""Columns: the transfers of a bulk as plain columns, checked column by column; each fault is noted by its row."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final, NamedTuple

from ledger.book.posting.tags import tags_text
from ledger.book.records.transfers import Balancing, Kind
from ledger.kernel.currencies import EXPONENTS
from ledger.kernel.errors import InvalidInput
from ledger.kernel.texts import TEXT_MAX, checked_text

_TAGS_TEXT_MAX: Final = 2_000
CODE: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")
"""The format of a transfer's code."""

REQUIRED: Final[Mapping[str, type]] = {
    "key": str,
    "debit_account": str,
    "credit_account": str,
    "amount_minor": int,
    "currency": str,
    "code": str,
}
"""The columns that a bulk must have, with the type of their values."""

COLUMNS: Final[Mapping[str, type]] = {
    **REQUIRED,
    "effective_at": datetime,
    "external_ref": str,
    "counterparty": str,
    "tags": str,
    "group": str,
    "kind": str,
    "hold": str,
    "timeout_s": int,
    "balancing": str,
}
"""All columns that a bulk may have. An amount may also be a whole decimal, and an effective time a date.

Such a date is the accounting date.
"""

_INHERITED: Final = ("debit_account", "credit_account", "amount_minor", "currency", "code")
"""The columns that a post or void may leave empty, to take them from its hold."""

_KINDS: Final = {str(kind): kind for kind in Kind if kind is not Kind.EXPIRY}
_BALANCINGS: Final = {str(side): side for side in Balancing}
_TYPES: Final = {str: "text", int: "a whole number (int64)", datetime: "an instant with its time zone, or a date"}


_ALSO: Final[Mapping[str, set[type]]] = {"amount_minor": {Decimal}, "effective_at": {date}}


class Fault(NamedTuple):
    """The reason why a row is left out: a code to count by, and a text that says what would be right."""

    code: str
    says: str


Column = Sequence[Any]
"""The values of one column, None if a row has no value."""


class CheckedColumns(NamedTuple):
    """All columns, converted; an absent column is None. The values in the rows of `faults` are undefined."""

    size: int
    values: Mapping[str, Column | None]
    faults: dict[int, Fault]


def checked(columns: Mapping[str, Column]) -> CheckedColumns:
    """Check all columns, and collect the first fault of each row by row number from zero.

    Raises `InvalidInput` if a column is unknown, missing, or of another length than the rest.
    """
    size = _size(columns)
    faults: dict[int, Fault] = {}
    values: dict[str, Column | None] = dict.fromkeys(COLUMNS)
    for name in COLUMNS:
        if name in columns:
            values[name] = _CHECKS[name](name, _typed(name, columns[name], faults), faults)
    _require_values(values, faults)
    return CheckedColumns(size, values, faults)


def converted(column: Column, convert: Callable[[Any], Any], faults: dict[int, Fault]) -> list[Any]:
    """Convert each value, calling `convert` once for equal values, and note the faults that it returns by row.

    None stays None.
    """
    found = {value: None if value is None else convert(value) for value in set(column)}
    if any(type(value) is Fault for value in found.values()):
        for row, value in enumerate(column):
            if type(fault := found[value]) is Fault:
                faults.setdefault(row, fault)
    return list(map(found.__getitem__, column))


def _size(columns: Mapping[str, Column]) -> int:
    for name in columns:
        if name not in COLUMNS:
            raise InvalidInput(f"there is no column {name!r}; columns are {', '.join(COLUMNS)}")
    for name in REQUIRED:
        if name not in columns:
            raise InvalidInput(f"the column {name!r} is missing; a bulk has at least {', '.join(REQUIRED)}")
    sizes = {name: len(column) for name, column in columns.items()}
    size = sizes["key"]
    for name, other in sizes.items():
        if other != size:
            raise InvalidInput(
                f"{name!r} has {other} values and 'key' has {size}; all columns must have the same length"
            )
    return size


def _typed(name: str, column: Column, faults: dict[int, Fault]) -> Column:
    """Replace values of a wrong type by None. A boolean is not a number, and a float is not an amount."""
    right = {COLUMNS[name], type(None)} | _ALSO.get(name, set())
    if set(map(type, column)) <= right:
        return column
    for row, value in enumerate(column):
        if type(value) not in right:
            faults.setdefault(
                row, Fault("wrong_type", f"{name} is {_TYPES[COLUMNS[name]]}, not {type(value).__name__}")
            )
    return [value if type(value) in right else None for value in column]


def _require_values(values: Mapping[str, Column | None], faults: dict[int, Fault]) -> None:
    kinds = values["kind"]
    for name in REQUIRED:
        column = values[name]
        assert column is not None, "required columns were asked for"
        if None not in column:
            continue
        for row, value in enumerate(column):
            ends = kinds is not None and kinds[row] in (Kind.POST, Kind.VOID)
            if value is None and not (ends and name in _INHERITED):
                faults.setdefault(row, Fault("missing", f"{name} is empty; only a post or void leaves it to its hold"))


def _texts(name: str, column: Column, faults: dict[int, Fault]) -> Column:
    """Check a column of mostly distinct texts: all at once, and one by one only if one of them is wrong."""
    given = [value for value in column if value is not None] if None in column else column
    # Lengths come first, so that long texts are refused without a scan.
    if max(map(len, given), default=0) <= TEXT_MAX and all(map(str.isascii, given)) and all(map(_is_plain, given)):
        return column
    return converted(column, partial(_text, name), faults)


def _is_plain(text: str) -> bool:
    return text.isprintable() and not text.isspace() and text != ""


def _text(name: str, text: str) -> str | Fault:
    try:
        return checked_text(name, text)
    except InvalidInput as wrong:
        return Fault("wrong_text", str(wrong))


def _amounts(name: str, column: Column, faults: dict[int, Fault]) -> Column:
    return converted(column, lambda value: _whole(name, value), faults) if Decimal in set(map(type, column)) else column


def _whole(name: str, value: int | Decimal) -> int | Fault:
    if isinstance(value, int):
        return value
    if not value.is_finite() or value != value.to_integral_value():
        return Fault("wrong_amount", f"{name} is in whole minor units, not {value}; 10.50 USD is 1050")
    return int(value)


def _instants(name: str, column: Column, faults: dict[int, Fault]) -> Column:
    zones = {value.tzinfo for value in column if type(value) is datetime}
    if zones <= {UTC}:
        return column
    for row, value in enumerate(column):
        if type(value) is datetime and value.tzinfo is None:
            faults.setdefault(row, Fault("wrong_time", f"{name} has no time zone; give it one, such as UTC"))
    return [value.astimezone(UTC) if type(value) is datetime and value.tzinfo else value for value in column]


def _numbers(_name: str, column: Column, _faults: dict[int, Fault]) -> Column:
    return column


def _accounts(name: str, column: Column, faults: dict[int, Fault]) -> Column:
    wrong = Fault("wrong_text", f"{name} is an account's id, acc_…, or its reference of 1 to {TEXT_MAX} characters")
    return converted(column, lambda text: text if 0 < len(text) <= TEXT_MAX and "\0" not in text else wrong, faults)


def _currencies(_name: str, column: Column, faults: dict[int, Fault]) -> Column:
    says = "is not an ISO 4217 currency code; use one such as USD, EUR or JPY"
    return converted(
        column, lambda text: text if text in EXPONENTS else Fault("unknown_currency", f"{text[:9]!r} {says}"), faults
    )


def _codes(_name: str, column: Column, faults: dict[int, Fault]) -> Column:
    wrong = Fault(
        "wrong_code", "code is a word of up to 40 lower-case letters, digits, - and _, such as payment or fee"
    )
    return converted(column, lambda text: text if CODE.fullmatch(text) else wrong, faults)


def _tags(name: str, column: Column, faults: dict[int, Fault]) -> Column:
    def read(text: str) -> str | Fault | None:
        if len(text) > _TAGS_TEXT_MAX:
            return Fault("wrong_tags", f"{name} has {_TAGS_TEXT_MAX} characters at most")
        try:
            return tags_text(text.split())
        except InvalidInput as wrong:
            return Fault("wrong_tags", str(wrong)[:TEXT_MAX])

    return converted(column, read, faults)


def _words(words: Mapping[str, object]) -> "_Check":
    def check(name: str, column: Column, faults: dict[int, Fault]) -> Column:
        unknown = Fault(f"unknown_{name}", f"{name} is one of {', '.join(words)}")
        return converted(column, lambda text: words.get(text, unknown), faults)

    return check


_Check = Callable[[str, Column, dict[int, Fault]], Column]

_CHECKS: Final[Mapping[str, _Check]] = {
    "key": _texts,
    "debit_account": _accounts,
    "credit_account": _accounts,
    "amount_minor": _amounts,
    "currency": _currencies,
    "code": _codes,
    "effective_at": _instants,
    "external_ref": _texts,
    "counterparty": _texts,
    "tags": _tags,
    "group": _texts,
    "kind": _words(_KINDS),
    "hold": _texts,
    "timeout_s": _numbers,
    "balancing": _words(_BALANCINGS),
}
