"""Thresholds of rules: amounts that apply from a date on, each with the rule that set it."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple


class Threshold(NamedTuple):
    """An amount in minor units that applies to periods from a date on; the source is the rule that set it."""

    from_on: date
    amount_minor: int
    source: str


def threshold_on(thresholds: Sequence[Threshold], day: date) -> Threshold:
    """Return the threshold that applies on a date."""
    (*_, newest) = (each for each in thresholds if each.from_on <= day)
    return newest
