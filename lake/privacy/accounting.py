"""Accounting: converts a zCDP loss rho to (epsilon, delta)."""

from math import ceil, exp, log
from typing import Final

from ledger.kernel.errors import require

_MICRO: Final = 1_000_000
_STEPS: Final = 200


def epsilon_micro(rho_micro: int, delta: float) -> int:
    """Return the epsilon in millionths, rounded up, for rho (in millionths) at `delta`.

    The least over alpha > 1 of  alpha rho + log(1 / (alpha delta)) / (alpha - 1) + log(1 - 1/alpha) (Canonne, Kamath
    and Steinke 2020, proposition 12). Every alpha gives a valid bound, so that an inexact minimum is never too small.
    """
    require(rho_micro >= 0, "a loss is not negative")
    require(0 < delta < 1, "delta lies between 0 and 1")
    if rho_micro == 0:
        return 0
    rho = rho_micro / _MICRO
    return max(0, ceil(_epsilon(rho, delta, best_order(rho, delta)) * _MICRO))


def best_order(rho: float, delta: float) -> float:
    """Return the Rényi order alpha with the least epsilon: the bound has one minimum, found by ternary search."""
    low, high = -16.0, 16.0  # log(alpha - 1)
    for _ in range(_STEPS):
        left, right = low + (high - low) / 3, high - (high - low) / 3
        if _epsilon(rho, delta, _order(left)) < _epsilon(rho, delta, _order(right)):
            high = right
        else:
            low = left
    return _order((low + high) / 2)


def _order(logarithm: float) -> float:
    return 1 + exp(logarithm)


def _epsilon(rho: float, delta: float, order: float) -> float:
    return order * rho - log(order * delta) / (order - 1) + log(1 - 1 / order)
