"""The intervals hold the total before clipping, and widen no more than the released tail asks for."""

from fractions import Fraction

import pytest

from lake.privacy.histograms import persons_by_size
from lake.privacy.intervals import clipped_away, count_intervals, total_intervals
from lake.privacy.limits import Histogram, limit_ladder

LADDER = limit_ladder(500_000)


def test_where_nobody_is_above_the_limit_nothing_is_clipped_away():
    histogram = Histogram(persons_by_size([(4_000,)] * 1_000, LADDER), 0)

    assert clipped_away(50_000, LADDER, [histogram]) == 0
    assert total_intervals([70, -5], 9, 0) == ((61, 79), (-14, 4))


@pytest.mark.parametrize("slope", [1.6, 2.5])
def test_what_a_heavy_tail_loses_is_within_the_interval(slope):
    norms = [round(20_000 * (1 - Fraction(index, 10_000)) ** (-1 / slope)) for index in range(10_000)]
    histogram = Histogram(persons_by_size([(norm,) for norm in norms], LADDER), 0)

    lost = sum(max(0, norm - 100_000) for norm in norms)

    assert lost <= clipped_away(100_000, LADDER, [histogram]) < 4 * lost


def test_what_was_clipped_is_shared_by_value_and_doubled():
    assert total_intervals([300, 100], 10, 40) == ((290, 310 + 60), (90, 110 + 20))
    assert total_intervals([], 10, 40) == ()


def test_persons_in_few_verticals_are_never_clipped_and_in_many_at_most_by_the_root():
    assert count_intervals([100] * 4, 9, 2) == ((91, 109),) * 4
    (low, high), *_ = count_intervals([100] * 8, 0, 2)
    assert (low, high) == (100, 142)
