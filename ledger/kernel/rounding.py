"""Rounding: turns an exact fraction into whole minor units, in the agreed way."""

from enum import StrEnum
from fractions import Fraction


class Rounding(StrEnum):
    """The way to round. `down` and `up` are towards and away from zero; `half_even` is banker's rounding."""

    HALF_EVEN = "half_even"
    DOWN = "down"
    UP = "up"


def rounded(exact: Fraction, rounding: Rounding) -> int:
    """Round `exact` to an integer; a negative number is rounded like its absolute value."""
    if rounding is Rounding.HALF_EVEN:
        return round(exact)
    size = abs(exact.numerator)
    whole = size // exact.denominator if rounding is Rounding.DOWN else -(-size // exact.denominator)
    return whole if exact.numerator >= 0 else -whole
