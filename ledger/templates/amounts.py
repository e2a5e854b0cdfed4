"""Amounts that a template works out from its arguments: a fee, what is left, or the worth in another currency."""

from dataclasses import dataclass
from typing import Final

from ledger.kernel.money import Money
from ledger.kernel.rounding import Rounding

BASIS_POINTS: Final = 10_000
"""All of an amount, in basis points."""


@dataclass(frozen=True, slots=True)
class Name:
    """A parameter or a named amount, which a declaration writes in braces: `{price}`."""

    name: str

    def __str__(self) -> str:
        """As the declaration writes it."""
        return f"{{{self.name}}}"


AmountTerm = Name | Money
"""Where an amount stands in a declaration: a name, or a constant."""

RateTerm = Name | str
"""Where a rate stands: a name, or exact text."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A named amount, worked out of the amount `of`."""

    of: AmountTerm


@dataclass(frozen=True, slots=True)
class Fee(Amount):
    """So many basis points of an amount, rounded, and a fixed part; not less and not more than its bounds."""

    basis_points: int
    rounding: Rounding
    plus_minor: int = 0
    at_least_minor: int = 0
    at_most_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Difference(Amount):
    """What is left of an amount without others of its currency."""

    minus: tuple[AmountTerm, ...]


@dataclass(frozen=True, slots=True)
class Exchange(Amount):
    """What an amount is worth in `currency` at a rate."""

    rate: RateTerm
    currency: str
    rounding: Rounding


def operands(amount: Amount) -> tuple[AmountTerm, ...]:
    """The amounts that this one is worked out of."""
    return (amount.of, *amount.minus) if isinstance(amount, Difference) else (amount.of,)
