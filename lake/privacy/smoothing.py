"""Smoothing: draws the noisy cells of a month toward the shape of earlier months, from released values alone."""

from collections.abc import Sequence
from typing import Final

from ledger.kernel.errors import require

_CELLS_MIN: Final = 4
"""With fewer cells, James and Stein's estimator is not better than the values themselves."""


def smoothed(values: Sequence[int], profile: Sequence[int], noise_scale_micro: int) -> tuple[int, ...]:
    """Return the values shrunk toward the multiple of `profile` that is nearest to them.

    The positive-part estimator of James and Stein toward the line through `profile`, which is the rank-1 form of cells
    by month: its expected squared error over all cells is never above that of the values (Lehmann and Casella 1998,
    section 5.5), if the profile does not depend on the noise of `values`. The rule is public, and it costs no privacy.
    """
    require(len(values) == len(profile), "a profile has one value for each cell")
    length = sum(each * each for each in profile)
    if len(values) < _CELLS_MIN or length == 0:
        return tuple(values)
    share = sum(value * each for value, each in zip(values, profile, strict=True)) / length
    near = [share * each for each in profile]
    apart = sum((value - each) ** 2 for value, each in zip(values, near, strict=True))
    noise = (len(values) - 3) * (noise_scale_micro / 1_000_000) ** 2
    kept = max(0.0, 1 - noise / apart) if apart else 0.0
    return tuple(round(each + kept * (value - each)) for value, each in zip(values, near, strict=True))
