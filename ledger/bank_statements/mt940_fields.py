"""Fields of MT940: a declared pattern for each, and what it means in money and days."""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import Final, NamedTuple

from ledger.bank_statements.line_kinds import SWIFT_KINDS, LineKind
from ledger.bank_statements.lines import BalanceKind, StatementBalance, StatementLine, decimals_of
from ledger.bank_statements.tags import TaggedField

BALANCES: Final[Mapping[str, BalanceKind]] = {
    "60": BalanceKind.OPENING_BOOKED,
    "60F": BalanceKind.OPENING_BOOKED,
    "60M": BalanceKind.OPENING_BOOKED,
    "62": BalanceKind.CLOSING_BOOKED,
    "62F": BalanceKind.CLOSING_BOOKED,
    "62M": BalanceKind.CLOSING_BOOKED,
    "64": BalanceKind.CLOSING_AVAILABLE,
    "65": BalanceKind.FORWARD_AVAILABLE,
}
"""Balances by field; M marks the pages of one statement, whose sums hold for each page."""

_BALANCE: Final = re.compile(r"([CD])(\d{6})([A-Z]{3})?(\d{0,15}(?:,\d{0,14})?)", re.ASCII | re.IGNORECASE)
_LINE: Final = re.compile(
    r"(?P<value>\d{6})(?P<entry>\d{4}|[ ]{4})?(?P<mark>R[CD]|E[CD]|[CD])(?P<funds>[A-Z])?[\n ]?"
    r"(?P<amount>\d{1,15}(?:,\d{0,14})?|,\d{1,14})(?P<type>[A-Z][A-Z0-9 ]{3})?(?P<rest>.*)",
    re.ASCII | re.DOTALL | re.IGNORECASE,
)
_TOTALS: Final = re.compile(r"(\d{0,5})([A-Z]{3})(\d{0,15}(?:,\d{0,14})?)", re.ASCII)
_FLOOR: Final = re.compile(r"([A-Z]{3})[DC ]?[\d,]{0,16}", re.ASCII)
_CENTURY_PIVOT: Final = 80
"""SWIFT: years above 79 are of the twentieth century."""


class ReadBalance(NamedTuple):
    """A balance, its currency if the field names one, and whether its date exists in the calendar."""

    balance: StatementBalance
    currency: str | None
    has_real_day: bool


class ReadLine(NamedTuple):
    """A line, and whether its dates exist in the calendar."""

    line: StatementLine
    has_real_days: bool


class EntryTotals(NamedTuple):
    """Totals of field 90C or 90D: a number of entries, and their sum."""

    entries: int
    sum_minor: int


def read_balance(found: TaggedField, currency: str | None) -> ReadBalance:
    """Read a field 60, 62, 64 or 65. Raises `InvalidFormat`."""
    match = _BALANCE.match(found.text.strip())
    if match is None or not match[4].strip(","):
        raise found.wrong("a balance is C or D, YYMMDD, the currency and the amount, such as C261128EUR1200,00")
    own = match[3].upper() if match[3] else currency
    day, is_real = _day(match[2])
    if day is None:
        raise found.wrong("its date is YYMMDD")
    minor = _minor(match[4], own, found)
    balance = StatementBalance(BALANCES[found.tag], minor if match[1] in "Cc" else -minor, day, found.tag)
    return ReadBalance(balance, own, is_real)


def read_line(found: TaggedField, currency: str | None) -> ReadLine:
    """Read a field 61. Raises `InvalidFormat`.

    C and RD (reversal of a debit) add to the account, D and RC take from it; EC and ED are only expected.
    """
    match = _LINE.fullmatch(found.text.strip("\n"))
    if match is None:
        raise found.wrong(
            "a line is the value date YYMMDD, the entry date MMDD, C, D, RC or RD, the amount with a comma, the type"
        )
    value_on, is_real = _day(match["value"])
    if value_on is None:
        raise found.wrong("its value date is YYMMDD")
    booked_on, is_entry_real = _entry_day(match["entry"] or "", value_on)
    mark, minor = match["mark"].upper(), _minor(match["amount"], currency, found)
    code, (customer, bank, more) = (match["type"] or "").strip(), _references(match["rest"])
    line = StatementLine(
        place=found.place,
        amount_minor=minor if mark in ("C", "RD", "EC") else -minor,
        booked_on=booked_on,
        value_on=value_on,
        bank_code=code,
        kind=SWIFT_KINDS.get(code[1:], LineKind.OTHER),
        bank_reference=bank,
        references=(customer,) if customer not in ("", "NONREF") else (),
        text=more,
        is_booked=mark[0] != "E",
        is_reversal=mark in ("RC", "RD"),
    )
    return ReadLine(line, is_real and is_entry_real)


def entry_totals(found: TaggedField, currency: str | None) -> EntryTotals:
    """Read a field 90C or 90D. Raises `InvalidFormat`."""
    match = _TOTALS.fullmatch(found.text.strip())
    if match is None:
        raise found.wrong("a total is the number of entries, the currency and their sum, such as 3PLN0,03")
    return EntryTotals(int(match[1] or "0"), _minor(match[3] or "0", currency or match[2], found))


def floor_currency(found: TaggedField) -> str | None:
    """Return the currency of a field 34F, which in an MT942 stands for that of the account."""
    match = _FLOOR.fullmatch(found.text.strip())
    return None if match is None else match[1]


def _minor(text: str, currency: str | None, found: TaggedField) -> int:
    """Return an amount of 15 digits with a comma in minor units."""
    whole, _, fraction = text.partition(",")
    decimals = decimals_of(currency)
    if fraction[decimals:].strip("0"):
        raise found.wrong(f"an amount in {currency or 'no stated currency'} has {decimals} decimals at most")
    return int((whole or "0") + fraction[:decimals].ljust(decimals, "0"))


def _day(text: str) -> tuple[date | None, bool]:
    """Return a day of YYMMDD; a day behind the end of its month, such as February 30, becomes the last one."""
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:])
    year += 1900 if year >= _CENTURY_PIVOT else 2000
    if not 1 <= month <= 12 or not 1 <= day <= 31:  # noqa: PLR2004  # months of a year, days of a month
        return None, False
    last = monthrange(year, month)[1]
    return date(year, month, min(day, last)), day <= last


def _entry_day(text: str, value_on: date) -> tuple[date | None, bool]:
    """Return the day of MMDD that is nearest to the value date, across the turn of a year."""
    if not text.strip():
        return None, True
    days = (_day(f"{(value_on.year + shift) % 100:02d}{text}") for shift in (-1, 0, 1))
    possible = [(abs(day - value_on), day, is_real) for day, is_real in days if day is not None]
    if not possible:
        return None, False
    _, day, is_real = min(possible)
    return day, is_real


def _references(rest: str) -> tuple[str, str, str]:
    """Return the customer's reference, the bank's behind //, and the supplementary details of the next lines."""
    first, _, more = rest.partition("\n")
    customer, _, bank = first.partition("//")
    return customer.strip(), bank.strip(), more.strip()
