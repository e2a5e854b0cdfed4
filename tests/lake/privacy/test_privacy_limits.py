"""Limits are chosen from released counts alone, and fit large programmes and small ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.privacy.catalogue import metric_specs
from lake.privacy.histograms import persons_by_size
from lake.privacy.limits import VOLUME_LIMITS, Histogram, chosen_limit, limit_ladder, tail
from lake.privacy.noise import noise_scale_micro

LADDER = limit_ladder(500_000)
VOLUME = metric_specs("USD")[-1]
UNIT_NOISE = noise_scale_micro(1, VOLUME.rho_micro)


def chosen(*histograms: Histogram, cells: int = 8) -> int:
    return chosen_limit(LADDER, histograms, cells=cells, unit_noise_micro=UNIT_NOISE)


def sizes(*norms: int) -> Histogram:
    return Histogram(persons_by_size([(norm,) for norm in norms], LADDER), 0)


@pytest.mark.parametrize("public", [60, *{units * 100 for units in VOLUME_LIMITS.values()}])
def test_a_ladder_rises_from_a_hundredth_to_ten_times_the_public_limit_which_is_on_it(public):
    ladder = limit_ladder(public)

    assert list(ladder) == sorted(set(ladder))
    assert (ladder[0], ladder[-1]) == (max(1, public // 100), 10 * public)
    assert public in ladder


def test_a_tail_adds_up_all_buckets_from_a_threshold_on_with_their_noise():
    found = tail([Histogram((9, 4, 2), 3), Histogram((1, 1, 0), 4)])

    assert found == (2, (7, 2), (7, 5))  # 5 for one bucket of two histograms, 5 * sqrt(2) for two


def test_a_programme_of_small_payers_has_a_small_limit_and_one_of_large_payers_a_large_one():
    assert chosen(sizes(*[4_000] * 160)) == 5_000
    assert chosen(sizes(*[90_000] * 10_000)) == 100_000
    assert chosen(sizes(*[9_000_000] * 10_000)) == LADDER[-1]


def test_fewer_persons_than_the_noise_is_worth_may_be_above_the_limit():
    worth = 7 * 8 * UNIT_NOISE // 10_000_000

    assert chosen(sizes(*[4_000] * 1_000, *[400_000] * worth)) == 5_000
    assert chosen(sizes(*[4_000] * 1_000, *[400_000] * (worth + 1))) == 500_000


def test_the_same_months_again_choose_the_same_limit():
    month = sizes(*[4_000] * 1_000, *[70_000] * 300, *[400_000] * 30)

    assert len({chosen(*[month] * count) for count in (1, 2, 12)}) == 1


COUNTS = st.lists(st.integers(-200, 10_000), min_size=len(LADDER) + 1, max_size=len(LADDER) + 1)


@given(st.lists(COUNTS, min_size=1, max_size=12), st.integers(1, 8))
def test_whatever_was_released_the_limit_is_on_the_ladder(months, cells):
    histograms = [Histogram(tuple(month), 21_000_000) for month in months]

    assert chosen(*histograms, cells=cells) in LADDER


@given(COUNTS, st.integers(1, len(LADDER)))
def test_more_persons_of_a_size_never_lower_the_limit(counts, at):
    more = [count + 50 * (index == at) for index, count in enumerate(counts)]

    assert chosen(Histogram(tuple(more), 0)) >= chosen(Histogram(tuple(counts), 0))
