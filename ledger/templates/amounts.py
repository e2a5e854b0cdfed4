"""Amounts that a template computes from its arguments: a fee, a remainder, or the value in another currency."""

from dataclasses import dataclass
from typing import Final

from ledger.kernel.money import Money
from ledger.kernel.rounding import Rounding

BASIS_POINTS: Final = 10_000
"""The whole of an amount, in basis points."""


@dataclass(frozen=True, slots=True)
class Name:
    """A parameter or a named amount, which a declaration writes in braces: `{price}`."""

    name: str

    def __str__(self) -> str:
        """Format the name as in the declaration."""
        return f"{{{self.name}}}"


AmountTerm = Name | Money
"""An amount in a declaration: a name, or a constant."""

RateTerm = Name | str
"""A rate in a declaration: a name, or exact text."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A named amount, computed from the amount `of`."""

    of: AmountTerm


@dataclass(frozen=True, slots=True)
class Fee(Amount):
    """A share of an amount in basis points, rounded, plus a fixed part, within bounds."""

    basis_points: int
    rounding: Rounding
    plus_minor: int = 0
    at_least_minor: int = 0
    at_most_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Difference(Amount):
    """The remainder of an amount after others of its currency."""

    minus: tuple[AmountTerm, ...]


@dataclass(frozen=True, slots=True)
class Exchange(Amount):
    """The value of an amount in `currency` at a rate."""

    rate: RateTerm
    currency: str
    rounding: Rounding


def operands(amount: Amount) -> tuple[AmountTerm, ...]:
    """Return the amounts that this one is computed from."""
    return (amount.of, *amount.minus) if isinstance(amount, Difference) else (amount.of,)
