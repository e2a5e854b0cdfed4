"""A release has one cell per declared vertical, and only eligible ones have values."""

from dataclasses import replace

import pytest

from lake.privacy.catalogue import metric_specs
from lake.privacy.noise import margin_95
from lake.privacy.release import noisy_cells, rounded
from ledger.tenancy.records import Vertical

PERSONS, _, _, PAYMENTS, VOLUME = metric_specs("USD")
FOUR = (Vertical.RETAIL, Vertical.MOBILITY, Vertical.HOSPITALITY, Vertical.SOFTWARE)


def test_a_vertical_that_is_not_eligible_has_neither_value_nor_margin():
    released = noisy_cells(PAYMENTS, FOUR, [(1, 1, 1, 1)])

    by_vertical = {cell.vertical: cell for cell in released.cells}

    assert list(by_vertical) == list(Vertical)
    assert by_vertical[Vertical.BANKING] == (Vertical.BANKING, None, None)
    assert all(by_vertical[each].value is not None and by_vertical[each].margin_95 for each in FOUR)


def test_values_lie_around_the_clipped_total():
    vectors = [(10_000_000, 0, 0, 0)] * 1_000 + [(0, 300, 400, 0)] * 1_000

    released = noisy_cells(VOLUME, FOUR, vectors)

    truths = {Vertical.RETAIL: 500_000 * 1_000, Vertical.MOBILITY: 300_000, Vertical.HOSPITALITY: 400_000}
    for cell in released.cells:
        if cell.value is not None and cell.margin_95 is not None:
            assert abs(cell.value - truths.get(cell.vertical, 0)) < 5 * cell.margin_95  # ten standard deviations


def test_subunits_change_neither_the_scale_nor_the_unit_of_what_is_released():
    whole = replace(PERSONS, subunits=1)

    fine, coarse = noisy_cells(PERSONS, FOUR, []), noisy_cells(whole, FOUR, [])

    assert fine.noise_scale_micro == coarse.noise_scale_micro
    assert fine.cells[0].margin_95 == coarse.cells[0].margin_95 == margin_95(fine.noise_scale_micro) == 49
    assert all(abs(cell.value or 0) < 500 for cell in fine.cells)


def test_a_month_without_payments_is_released_as_noise_like_any_other():
    released = noisy_cells(VOLUME, FOUR, [])

    assert len({cell.value for cell in released.cells if cell.value is not None}) == len(FOUR)


@pytest.mark.parametrize(("value", "whole"), [(0, 0), (499, 0), (500, 1), (-500, 0), (-501, -1), (1_499, 1)])
def test_subunits_are_rounded_to_the_nearest_whole_unit(value, whole):
    assert rounded(value, 1_000) == whole
