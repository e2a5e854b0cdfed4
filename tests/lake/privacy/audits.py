"""Auditing: bounds from below how well the releases of two neighbouring books can be told apart."""

from collections.abc import Sequence
from math import exp, lgamma, log, log1p, sqrt
from statistics import NormalDist
from typing import Final

CONFIDENCE: Final = 1 - 1e-4
"""Of each bound, so that an honest mechanism at its exact price is accused in one of five thousand audits."""

_THRESHOLDS: Final = 49
_NORMAL: Final = NormalDist()


def least_mu(absent: Sequence[float], present: Sequence[float]) -> float:
    """Return a lower bound of mu, z(true positives) - z(false positives), for scores without and with a person.

    Half of the scores select the threshold, the other half bounds both rates by Clopper and Pearson.
    """
    half = len(absent) // 2
    seen = sorted([*absent[:half], *present[:half]])
    thresholds = {seen[len(seen) * step // (_THRESHOLDS + 1)] for step in range(1, _THRESHOLDS + 1)}
    threshold = max(thresholds, key=lambda each: _bound(absent[:half], present[:half], each, _wilson))
    return _bound(absent[half:], present[half:], threshold, _clopper_pearson)


def _bound(absent, present, threshold, lowest) -> float:
    tries = len(absent)
    false, true = (sum(score >= threshold for score in scores) for scores in (absent, present))
    return _z(lowest(true, tries)) + _z(lowest(tries - false, tries))


def _wilson(hits: int, tries: int) -> float:
    """Return nearly the bound of Clopper and Pearson, quickly: enough to select a threshold by."""
    z, rate = _NORMAL.inv_cdf(CONFIDENCE), hits / tries
    spread = z * sqrt(rate * (1 - rate) / tries + z * z / (4 * tries * tries))
    return (rate + z * z / (2 * tries) - spread) / (1 + z * z / tries)


def _clopper_pearson(hits: int, tries: int) -> float:
    """Return the lower bound of Clopper and Pearson 1934: the rate at which so many hits are that improbable."""
    if hits == 0:
        return 0.0
    low, high = 0.0, hits / tries
    for _ in range(40):
        rate = (low + high) / 2
        low, high = (rate, high) if _at_least(hits, tries, rate) < 1 - CONFIDENCE else (low, rate)
    return low


def _at_least(hits: int, tries: int, rate: float) -> float:
    """Return the chance of at least so many hits."""
    whole = lgamma(tries + 1)
    return sum(
        exp(whole - lgamma(each + 1) - lgamma(tries - each + 1) + each * log(rate) + (tries - each) * log1p(-rate))
        for each in range(hits, tries + 1)
    )


def _z(rate: float) -> float:
    return _NORMAL.inv_cdf(min(1 - 1e-12, max(1e-12, rate)))
