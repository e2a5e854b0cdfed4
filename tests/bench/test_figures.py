"""Figures: what their targets say."""

import json

import pytest

from bench.figures import Reference, Target, as_json, figure

AT_LEAST = Target("value", 40_000, 100_000)
AT_MOST = Target("ratio", 1 / 25, 1 / 60)


@pytest.mark.parametrize(
    ("target", "measured", "attained"),
    [
        (AT_LEAST, 39_999, "neither"),
        (AT_LEAST, 40_000, "reach"),
        (AT_LEAST, 100_000, "stretch"),
        (AT_MOST, 1 / 24, "neither"),
        (AT_MOST, 1 / 25, "reach"),
        (AT_MOST, 1 / 61, "stretch"),
    ],
)
def test_a_target_knows_on_which_side_better_lies(target: Target, measured: float, attained: str) -> None:
    assert target.attained(measured) == attained


def test_a_target_of_the_ratio_is_held_against_the_ratio() -> None:
    measured = figure("cpu", 10.0, "us", Reference("row ledger", 500.0), target=AT_MOST)

    assert (measured.ratio, measured.attained) == (0.02, "reach")


def test_a_figure_without_a_target_has_no_keys_for_one() -> None:
    line = json.loads(as_json(figure("p99", 9.0, "ms", Reference("TPC-B", 18.0))))

    assert sorted(line) == ["figure", "ratio", "reference", "reference_value", "unit", "value"]
