"""Rounding: from an exact fraction to whole minor units, in the way that was agreed."""

from enum import StrEnum
from fractions import Fraction


class Rounding(StrEnum):
    """How a fraction becomes whole. `down` and `up` are towards and away from zero; `half_even` is the banker's way."""

    HALF_EVEN = "half_even"
    DOWN = "down"
    UP = "up"


def rounded(exact: Fraction, rounding: Rounding) -> int:
    """The whole number that `exact` becomes; a debt is rounded as the mirror of a credit."""
    if rounding is Rounding.HALF_EVEN:
        return round(exact)
    size = abs(exact.numerator)
    whole = size // exact.denominator if rounding is Rounding.DOWN else -(-size // exact.denominator)
    return whole if exact.numerator >= 0 else -whole
