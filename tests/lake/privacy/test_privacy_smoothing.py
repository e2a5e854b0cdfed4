"""Smoothing uses released values alone, keeps what is far above the noise, and errs less where it is not."""

import random

import pytest

from lake.privacy.smoothing import smoothed

SHAPE = (800, 400, 200, 100, 50, 25, 12, 6)


def test_values_far_above_the_noise_stay_nearly_as_they_are():
    values = (90_000, 10_000, 40_000, 70_000, 20_000)

    assert all(
        abs(smooth - value) <= 1 for smooth, value in zip(smoothed(values, SHAPE[:5], 1_000_000), values, strict=True)
    )


def test_values_within_the_noise_take_the_shape_of_earlier_months():
    values = [10 * each + (-1) ** index for index, each in enumerate(SHAPE)]

    assert smoothed(values, SHAPE, 50_000_000) == pytest.approx([10 * each for each in SHAPE], abs=1)


@pytest.mark.parametrize("values", [(5, -3, 9), (5,), ()])
def test_few_cells_and_a_first_month_stay_as_they_are(values):
    assert smoothed(values, (1,) * len(values), 10**9) == values
    assert smoothed((5, 3, 1, 2, -9), (0,) * 5, 10**9) == (5, 3, 1, 2, -9)


def test_the_expected_squared_error_is_below_that_of_the_values():
    draw = random.Random(7)
    raw = smooth = 0
    for _ in range(2_000):
        truth = [100 * each * draw.uniform(0.9, 1.1) for each in SHAPE]
        values = [round(each + draw.gauss(0, 5_000)) for each in truth]
        found = smoothed(values, SHAPE, 5_000_000_000)
        raw += sum((value - each) ** 2 for value, each in zip(values, truth, strict=True))
        smooth += sum((value - each) ** 2 for value, each in zip(found, truth, strict=True))

    assert smooth < 0.5 * raw
