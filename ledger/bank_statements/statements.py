"""Statements folded from the parts that readers yield, and the rule that opening plus lines is closing.

`summaries` folds in flat memory, `statements` also keeps the lines.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ledger.bank_statements.lines import (
    BalanceKind,
    Discrepancy,
    StatementBalance,
    StatementEnd,
    StatementLine,
    StatementPart,
    StatementStart,
)
from ledger.kernel.currencies import EXPONENTS


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
        """True if nothing contradicts itself, and nothing is missing that the format requires.

        BAI2 and mapped files may state no balances: then `difference_minor` is None, and the totals alone speak.
        """
        return not self.difference_minor and not self.discrepancies

    def balance(self, kind: BalanceKind) -> StatementBalance | None:
        """Return the first balance of a kind, or None if the statement does not state it."""
        return _balance_of(self.balances, kind)


class BankStatement(NamedTuple):
    """A statement with all of its lines."""

    summary: StatementSummary
    lines: tuple[StatementLine, ...]


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
    opening = _balance_of(stated, BalanceKind.OPENING_BOOKED)
    closing = _balance_of(stated, BalanceKind.CLOSING_BOOKED)
    if opening is None or closing is None:
        return None
    return closing.amount_minor - opening.amount_minor - booked_minor


def _balance_of(balances: Iterable[StatementBalance], kind: BalanceKind) -> StatementBalance | None:
    """Return the first balance of a kind, or None."""
    return next((each for each in balances if each.kind is kind), None)
