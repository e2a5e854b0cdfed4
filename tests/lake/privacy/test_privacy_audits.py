"""Nobody tells neighbouring books apart better than what was paid for; planted faults are caught."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from math import sqrt
from typing import Final

import pytest

from lake.privacy.catalogue import MetricSpec, metric_specs
from lake.privacy.clipping import clipped_total
from lake.privacy.histograms import noisy_histogram, persons_by_size
from lake.privacy.limits import Histogram, chosen_limit
from lake.privacy.noise import add_noise, noise_scale_micro
from lake.privacy.release import noisy_cells
from ledger.tenancy.records import Vertical
from tests.lake.privacy.audits import least_mu

RELEASES: Final = int(os.environ.get("RELEASES", "600"))
"""Releases of each side; `make soak` makes more."""

RHO_MICRO: Final = 1_000_000
PAID: Final = sqrt(2)
"""The largest mu of a Gaussian mechanism of rho 1: sqrt(2 rho)."""

FOUR: Final = tuple(Vertical)[:4]
SPECS: Final = tuple(replace(spec, rho_micro=RHO_MICRO) for spec in metric_specs("USD"))
ACTIVE, _, BY_VOLUME, COUNT, VOLUME = SPECS
OTHERS: Final = [(7, 0, 0, 0), (0, 9, 2, 0)]
HEAVY: Final = (10**12,) * 4
"""One person with the largest vector there may be; `active_customers` counts a thousand parts of each vertical."""

Score = Callable[[list[tuple[int, ...]]], float]


def mu(score: Score, others: list[tuple[int, ...]] = OTHERS, person: tuple[int, ...] = HEAVY) -> float:
    absent = [score(others) for _ in range(RELEASES)]
    present = [score([*others, person]) for _ in range(RELEASES)]
    return least_mu(absent, present)


def along(values: Iterator[int], person: tuple[int, ...]) -> float:
    """The score that tells best: the values along the person's vector."""
    return float(sum(value * each for value, each in zip(values, person, strict=True)))


def released_total(spec: MetricSpec) -> Score:
    def score(vectors: list[tuple[int, ...]]) -> float:
        released = noisy_cells(spec, FOUR, vectors)
        return along((cell.value for cell in released.cells if cell.value is not None), (1,) * 4)

    return score


def limit_by(counts: Callable[[list[tuple[int, ...]]], Histogram]) -> Score:
    scale = noise_scale_micro(1, VOLUME.rho_micro)

    def score(vectors: list[tuple[int, ...]]) -> float:
        return chosen_limit(BY_VOLUME.thresholds, [counts(vectors)], cells=1, unit_noise_micro=scale)

    return score


@pytest.mark.parametrize("spec", [COUNT, VOLUME, ACTIVE], ids=lambda spec: spec.name)
def test_a_released_total_tells_no_more_of_a_person_than_was_paid_for(spec):
    person = (1_000,) * 4 if spec is ACTIVE else HEAVY

    assert 0 < mu(released_total(spec), person=person) <= PAID


def test_a_released_histogram_tells_no_more_of_a_person_than_was_paid_for():
    assert 0 < mu(lambda vectors: noisy_histogram(BY_VOLUME, vectors).counts[-1]) <= PAID


def test_a_chosen_limit_tells_no_more_than_the_histogram_that_was_paid_for():
    tipping = [(300_000, 0, 0, 0)]

    assert mu(limit_by(lambda vectors: noisy_histogram(BY_VOLUME, vectors)), tipping, (300_000, 0, 0, 0)) <= PAID


def test_which_verticals_are_shown_tells_no_more_than_the_count_that_was_paid_for():
    crowd = [(1_000, 0, 0, 0)] * 49

    def shown(vectors: list[tuple[int, ...]]) -> float:
        return (noisy_cells(ACTIVE, FOUR, vectors).cells[0].value or 0) >= COUNT.min_customers

    assert mu(shown, crowd, (1_000, 0, 0, 0)) <= PAID


def test_all_metrics_of_a_month_together_tell_no_more_than_the_sum_that_was_paid_for():
    """Along the best score of all together, with the limit of the volume chosen in between, as it is released."""
    tenth = [replace(spec, rho_micro=RHO_MICRO // 5) for spec in SPECS]
    active, _, by_volume, _, volume = tenth

    def month(vectors: list[tuple[int, ...]]) -> float:
        histogram = noisy_histogram(by_volume, vectors)
        scale = noise_scale_micro(1, volume.rho_micro)
        limit = chosen_limit(by_volume.thresholds, [histogram], cells=4, unit_noise_micro=scale)
        total = noisy_cells(replace(volume, limit=limit), FOUR, vectors)
        persons = noisy_cells(active, FOUR, [(1_000,) * 4 for _ in vectors])
        return (
            histogram.counts[-1]
            + sum(cell.value or 0 for cell in total.cells) / (2 * limit)
            + sum(cell.value or 0 for cell in persons.cells) / 4
        )

    assert 0 < mu(month) <= sqrt(2 * 3 * RHO_MICRO / 5 / 1_000_000)


def test_a_doubled_sensitivity_is_caught():
    """A fault that clips at twice the limit that the noise was made for."""

    def faulty(vectors: list[tuple[int, ...]]) -> float:
        total = clipped_total(vectors, 2 * VOLUME.limit, len(FOUR))
        return along(iter(add_noise(total, limit=VOLUME.limit, rho_micro=RHO_MICRO)), (1,) * 4)

    assert mu(faulty) > PAID


def test_a_limit_from_unpaid_data_is_caught():
    """A fault that chooses the limit by the exact counts: one person tips it."""
    worth = 7 * noise_scale_micro(1, VOLUME.rho_micro) // 10_000_000
    tipping = [(300_000, 0, 0, 0)] * worth

    exact = limit_by(lambda vectors: Histogram(persons_by_size(vectors, BY_VOLUME.thresholds), 0))

    assert mu(exact, tipping, (300_000, 0, 0, 0)) > PAID


def test_noise_that_is_drawn_again_is_caught():
    """A fault that releases a month again and again, with fresh noise, for one charge: the mean has less noise."""
    score = released_total(VOLUME)

    def again(vectors: list[tuple[int, ...]]) -> float:
        return sum(score(vectors) for _ in range(4))

    assert mu(again) > PAID
