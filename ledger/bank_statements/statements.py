"""Values of a bank statement, the same for every format, and the rule that opening plus lines is closing.

A reader yields parts: a `StatementStart`, its `StatementLine`s, a `StatementEnd`, and so on for each statement of the
file. `summaries` folds them in flat memory, `statements` also keeps the lines. Amounts are whole minor units of the
statement's currency, positive where the account's holder receives.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from ledger.bank_statements.line_kinds import LineKind
from ledger.kernel.currencies import EXPONENTS

DECIMALS_UNLESS_KNOWN: Final = 2
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
    """Where a file contradicts itself or leaves out what its format requires, and how."""

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class StatementEnd:
    """The end of a statement: the balances that stand behind its lines, and what the reader found to be wrong."""

    balances: tuple[StatementBalance, ...] = ()
    discrepancies: tuple[Discrepancy, ...] = ()


StatementPart = StatementStart | StatementLine | StatementEnd


@dataclass(frozen=True, slots=True)
class StatementSummary:
    """A statement without its lines: balances, counts and sums of both sides, and every discrepancy."""

    start: StatementStart
    balances: tuple[StatementBalance, ...]
    credits: int
    credits_minor: int
    debits: int
    debits_minor: int
    pending: int
    discrepancies: tuple[Discrepancy, ...]

    @property
    def difference_minor(self) -> int | None:
        """Closing balance less opening balance and booked lines; None if one of the balances is not stated."""
        return _difference_minor(self.balances, self.credits_minor - self.debits_minor)

    @property
    def is_whole(self) -> bool:
        """True if both balances are stated, the lines explain them, and nothing contradicts itself."""
        return self.difference_minor == 0 and not self.discrepancies

    def balance(self, kind: BalanceKind) -> StatementBalance | None:
        """Return the first balance of a kind, or None if the statement does not state it."""
        return balance_of(self.balances, kind)


class BankStatement(NamedTuple):
    """A statement with all of its lines."""

    summary: StatementSummary
    lines: tuple[StatementLine, ...]


def decimals_of(currency: str | None) -> int:
    """Return the decimals of a currency, also of one that ISO 4217 does not list any more."""
    return EXPONENTS.get(currency or "", DECIMALS_UNLESS_KNOWN)


def balance_of(balances: Iterable[StatementBalance], kind: BalanceKind) -> StatementBalance | None:
    """Return the first balance of a kind, or None."""
    return next((each for each in balances if each.kind is kind), None)


def statements(parts: Iterable[StatementPart]) -> Iterator[BankStatement]:
    """Gather parts into statements with all of their lines."""
    lines: list[StatementLine] = []
    for done in summaries(_kept(parts, lines)):
        yield BankStatement(done, tuple(lines))
        lines.clear()


def summaries(parts: Iterable[StatementPart]) -> Iterator[StatementSummary]:
    """Fold parts into one summary for each statement, whatever the number of its lines."""
    sums = _Sums()
    start: StatementStart | None = None
    for part in parts:
        if isinstance(part, StatementStart):
            assert start is None, "a statement starts within another"
            start, sums = part, _Sums()
        elif isinstance(part, StatementLine):
            sums.add(part)
        else:
            assert start is not None, "a statement ends that did not start"
            yield _summary(start, sums, part)
            start = None
    assert start is None, "a reader left a statement without its end"


@dataclass(slots=True)
class _Sums:
    """Counts and sums of the lines so far."""

    credits: int = 0
    credits_minor: int = 0
    debits: int = 0
    debits_minor: int = 0
    pending: int = 0

    def add(self, line: StatementLine) -> None:
        """Count a line."""
        if not line.is_booked:
            self.pending += 1
        elif line.amount_minor < 0:
            self.debits += 1
            self.debits_minor -= line.amount_minor
        else:
            self.credits += 1
            self.credits_minor += line.amount_minor


def _kept(parts: Iterable[StatementPart], lines: list[StatementLine]) -> Iterator[StatementPart]:
    for part in parts:
        if isinstance(part, StatementLine):
            lines.append(part)
        yield part


def _summary(start: StatementStart, sums: _Sums, end: StatementEnd) -> StatementSummary:
    balances = start.balances + end.balances
    difference = _difference_minor(balances, sums.credits_minor - sums.debits_minor)
    found = [*_unnamed(start), *end.discrepancies]
    if difference:
        text = f"the closing balance differs by {difference} minor units from the opening balance and the lines"
        found.append(Discrepancy(start.place, text))
    return StatementSummary(
        start=start,
        balances=balances,
        credits=sums.credits,
        credits_minor=sums.credits_minor,
        debits=sums.debits,
        debits_minor=sums.debits_minor,
        pending=sums.pending,
        discrepancies=tuple(found),
    )


def _unnamed(start: StatementStart) -> Iterator[Discrepancy]:
    if not start.account:
        yield Discrepancy(start.place, "the statement names no account")
    if start.currency is None:
        yield Discrepancy(start.place, "the statement names no currency; its amounts are read with two decimals")
    elif start.currency not in EXPONENTS:
        text = f"{start.currency} is no currency of ISO 4217 today; its amounts are read with two decimals"
        yield Discrepancy(start.place, text)


def _difference_minor(balances: Iterable[StatementBalance], booked_minor: int) -> int | None:
    stated = tuple(balances)
    opening = balance_of(stated, BalanceKind.OPENING_BOOKED)
    closing = balance_of(stated, BalanceKind.CLOSING_BOOKED)
    if opening is None or closing is None:
        return None
    return closing.amount_minor - opening.amount_minor - booked_minor
