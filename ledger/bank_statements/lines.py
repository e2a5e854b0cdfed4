"""Parts of a bank statement, the same for every format: its head with balances, its lines, its end.

A reader yields a `StatementStart`, its `StatementLine`s, a `StatementEnd`, and so on for each statement of the file.
Amounts are whole minor units of the statement's currency, positive where the account's holder receives.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from ledger.bank_statements.line_kinds import LineKind
from ledger.kernel.currencies import EXPONENTS

_DECIMALS_UNLESS_KNOWN: Final = 2
"""Decimals of a currency that ISO 4217 does not list any more, such as DEM."""


class BalanceKind(StrEnum):
    """The kinds of balances that statements state; ISO 20022's codes OPBD, CLBD, OPAV, CLAV, ITBD, ITAV, FWAV."""

    OPENING_BOOKED = "opening_booked"
    CLOSING_BOOKED = "closing_booked"
    OPENING_AVAILABLE = "opening_available"
    CLOSING_AVAILABLE = "closing_available"
    INTERIM_BOOKED = "interim_booked"
    INTERIM_AVAILABLE = "interim_available"
    FORWARD_AVAILABLE = "forward_available"
    OTHER = "other"


class StatementBalance(NamedTuple):
    """A stated balance: its kind, amount, day, and the bank's own code of it."""

    kind: BalanceKind
    amount_minor: int
    on: date | None
    bank_code: str


@dataclass(frozen=True, slots=True)
class StatementStart:
    """The head of a statement: its number with the bank, account, currency, period, and the balances known so far.

    `currency` is None where the file names none. Account and texts stay out of what is printed.
    """

    place: str
    number: str
    account: str = field(repr=False)
    currency: str | None
    from_on: date | None
    until_on: date | None
    balances: tuple[StatementBalance, ...] = ()


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line: its amount, days, references, the bank's type code and our kind for it, and the bank's raw text.

    `is_booked` is False for a line that is announced or pending, which no balance contains yet. `is_reversal` marks a
    line that takes an earlier one back; its amount has the sign of its own effect. `reason` is a return's raw code.
    `parts` counts the transactions of a line that stands for several.
    """

    place: str
    amount_minor: int
    booked_on: date | None
    value_on: date | None
    bank_code: str
    kind: LineKind
    bank_reference: str = ""
    references: tuple[str, ...] = ()
    text: str = field(default="", repr=False)
    reason: str = ""
    parts: int = 1
    is_booked: bool = True
    is_reversal: bool = False


class Discrepancy(NamedTuple):
    """A place where a file contradicts itself or leaves out what its format requires, and how."""

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class StatementEnd:
    """The end of a statement: the balances that stand behind its lines, and what the reader found to be wrong."""

    balances: tuple[StatementBalance, ...] = ()
    discrepancies: tuple[Discrepancy, ...] = ()


StatementPart = StatementStart | StatementLine | StatementEnd


def decimals_of(currency: str | None) -> int:
    """Return the decimals of a currency, also of one that ISO 4217 does not list any more."""
    return EXPONENTS.get(currency or "", _DECIMALS_UNLESS_KNOWN)
