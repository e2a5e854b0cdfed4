"""Noise: OpenDP's discrete Gaussian on integer vectors, drawn from the operating system's randomness."""

from collections.abc import Sequence
from math import isqrt
from typing import Final

# Not `opendp.prelude`, which also loads what OpenDP has for NumPy, scikit-learn and Polars where they are installed.
from opendp.domains import atom_domain, vector_domain
from opendp.measurements import make_gaussian
from opendp.metrics import l2_distance
from opendp.mod import enable_features

from ledger.kernel.errors import require

_MICRO: Final = 1_000_000
_ROUNDING_MARGIN: Final = 2**40
"""Margin: OpenDP takes the scale as a float and rounds the loss up; a trillionth more noise makes up for it."""

_Z_95_MICRO: Final = 1_959_964
"""The 97.5 % quantile of the normal distribution, in millionths: 95 % are within it on both sides."""


def noise_scale_micro(limit: int, rho_micro: int) -> int:
    """Return the noise's standard deviation, in millionths of the unit of `limit`: limit / sqrt(2 rho), rounded up.

    Source: Bun and Steinke 2016, proposition 1.6; Canonne, Kamath and Steinke 2020, theorem 4, for the discrete noise.
    """
    require(limit > 0, "a limit is positive")
    require(rho_micro > 0, "a release costs something")
    exact = isqrt(limit * limit * _MICRO**3 // (2 * rho_micro))
    return exact + exact // _ROUNDING_MARGIN + 1


def margin_95(scale_micro: int) -> int:
    """Return half the width of the interval that holds 95 % of the noise, rounded up to whole units."""
    return -(-_Z_95_MICRO * scale_micro // (_MICRO * _MICRO))


def add_noise(total: Sequence[int], *, limit: int, rho_micro: int) -> tuple[int, ...]:
    """Add noise to a vector whose L2 sensitivity is `limit`, at a privacy loss (zCDP) of at most `rho_micro`.

    Every call draws new noise; there is no seed, and the same total must never be released twice for one charge.
    """
    require(len(total) > 0, "a release has at least one cell")
    enable_features("contrib")
    space = vector_domain(atom_domain(T="i64"), len(total)), l2_distance(T="i64")
    measurement = make_gaussian(*space, scale=noise_scale_micro(limit, rho_micro) / _MICRO)
    loss = measurement.map(limit)  # type: ignore[no-untyped-call]  # OpenDP leaves this method untyped
    require(loss <= rho_micro / _MICRO, f"the measurement loses {loss}, more than was charged")
    noisy = measurement(list(total))
    require(len(noisy) == len(total), "one noisy value per cell")
    return tuple(noisy)
