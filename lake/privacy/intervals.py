"""Intervals of totals before clipping: the noise, and what clipping may have taken away."""

from collections.abc import Sequence
from math import isqrt, log2
from typing import Final, NamedTuple

from lake.privacy.limits import Histogram, tail

_MICRO: Final = 1_000_000
_LEAST_SLOPE: Final = 1.5
"""The heaviest tail that is allowed for: persons above a size fall by 2**1.5 as the size doubles."""

_UNEVENNESS: Final = 2
"""A cell may hold twice its share of what was clipped."""


class Interval(NamedTuple):
    """The lowest and the highest value, in units."""

    low: int
    high: int


def clipped_away(limit: int, thresholds: Sequence[int], histograms: Sequence[Histogram]) -> int:
    """Return the most that clipping took from all cells of a month together, in units, by released histograms.

    The persons above the limit, with one standard deviation of their noise, times their mean excess under a Pareto tail
    whose slope is read from the released counts above the limit and above half of it.
    """
    found = tail(histograms)
    above, near = (
        _persons(found.sums, found.noise_scales_micro, _at(thresholds, each)) for each in (limit, limit // 2)
    )
    if above <= 0:
        return 0
    slope = max(_LEAST_SLOPE, log2(max(near, above) / above))
    return round(above / found.months * limit / (slope - 1))


def total_intervals(values: Sequence[int], margin: int, away: int) -> tuple[Interval, ...]:
    """Return the 95 % interval of each total before clipping: the noise, and upward a share of what was clipped.

    `away` is that of all cells together; a cell bears twice its share by the released values.
    """
    shown = [max(0, value) for value in values]
    whole = max(1, sum(shown))
    return tuple(
        Interval(value - margin, value + margin - (-_UNEVENNESS * away * each // whole))
        for value, each in zip(values, shown, strict=True)
    )


def count_intervals(values: Sequence[int], margin: int, limit: int) -> tuple[Interval, ...]:
    """Return the interval of each number of persons before clipping, of whom each counts at most one in a cell.

    Who is in more cells than limit squared counts less in each, and no less than limit / sqrt(cells).
    """
    cells = len(values)
    if cells <= limit * limit:
        return tuple(Interval(value - margin, value + margin) for value in values)
    stretch = isqrt(cells * _MICRO * _MICRO) // limit + 1
    return tuple(
        Interval(value - margin, max(value + margin, -(-(value + margin) * stretch // _MICRO))) for value in values
    )


def _at(thresholds: Sequence[int], size: int) -> int:
    """Return the index of the largest threshold up to `size`: it counts more persons rather than fewer."""
    return max((index for index, each in enumerate(thresholds) if each <= size), default=0)


def _persons(sums: Sequence[int], noise_scales_micro: Sequence[int], index: int) -> float:
    return max(0, sums[index]) + noise_scales_micro[index] / _MICRO
