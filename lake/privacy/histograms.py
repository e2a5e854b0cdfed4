"""Histograms: how many persons there are of each size, with noise; limits are chosen from what was released of them."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from math import isqrt

from lake.privacy.catalogue import MetricSpec
from lake.privacy.limits import Histogram
from lake.privacy.noise import add_noise, noise_scale_micro
from ledger.kernel.errors import require


def noisy_histogram(spec: MetricSpec, vectors: Iterable[Sequence[int]]) -> Histogram:
    """Count persons by size, and add noise: the only way from private rows to a released histogram.

    A person with all payments of the month comes or goes in one bucket, so that the L2 sensitivity is 1.
    """
    require(spec.limit == 1, "a person is in one bucket, once")
    counts = persons_by_size(vectors, spec.thresholds)
    noisy = add_noise(counts, limit=spec.limit, rho_micro=spec.rho_micro)
    return Histogram(noisy, noise_scale_micro(spec.limit, spec.rho_micro))


def persons_by_size(vectors: Iterable[Sequence[int]], thresholds: Sequence[int]) -> tuple[int, ...]:
    """Return the number of persons below the first threshold, between each and the next, and from the last one on.

    A person's size is the L2 norm of the vector; it is compared exactly, in integers.
    """
    counts = [0] * (len(thresholds) + 1)
    for vector in vectors:
        counts[bisect_right(thresholds, isqrt(sum(cell * cell for cell in vector)))] += 1
    return tuple(counts)
