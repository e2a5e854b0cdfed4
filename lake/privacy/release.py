"""A release: computes the noisy cells that may be public from persons' vectors."""

from collections.abc import Sequence
from typing import NamedTuple

from lake.privacy.catalogue import MetricSpec
from lake.privacy.clipping import clipped_total
from lake.privacy.noise import add_noise, margin_95, noise_scale_micro
from ledger.tenancy.records import Vertical


class Cell(NamedTuple):
    """One value of a release; `value` and `margin_95` in whole units, None if the vertical is not eligible."""

    vertical: Vertical
    value: int | None
    margin_95: int | None


class NoisyCells(NamedTuple):
    """The cells of a release, one per declared vertical, and the noise's standard deviation in millionths of a unit."""

    cells: tuple[Cell, ...]
    noise_scale_micro: int


def noisy_cells(spec: MetricSpec, eligible: Sequence[Vertical], vectors: Sequence[Sequence[int]]) -> NoisyCells:
    """Clip, sum, add noise, round to whole units: the only way from private rows to a released value.

    `vectors` hold one cell per eligible vertical, in subunits; if none is eligible, every value is None. Values may be
    negative: cutting them off at zero would make every sum of cells too large.
    """
    limit = spec.limit * spec.subunits
    total = clipped_total(vectors, limit, len(eligible))
    noisy = add_noise(total, limit=limit, rho_micro=spec.rho_micro) if eligible else ()
    values = dict(zip(eligible, (rounded(value, spec.subunits) for value in noisy), strict=True))
    scale_micro = noise_scale_micro(spec.limit, spec.rho_micro)
    margin = margin_95(scale_micro)
    cells = tuple(Cell(each, values.get(each), margin if each in values else None) for each in Vertical)
    return NoisyCells(cells, scale_micro)


def rounded(value: int, subunits: int) -> int:
    """Round `value` subunits to the nearest whole unit, a half rounded up."""
    return (2 * value + subunits) // (2 * subunits)
