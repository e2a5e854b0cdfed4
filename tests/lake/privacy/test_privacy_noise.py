"""The noise has the scale that was paid for, is drawn anew each time, and stands hostile totals."""

import opendp.prelude as dp
import pytest

from lake.privacy.catalogue import metric_specs
from lake.privacy.noise import add_noise, margin_95, noise_scale_micro

DRAWS = 2_000
CELLS = 5
RHO_MICRO = 13_314
LIMIT = 500_000


@pytest.fixture(scope="module")
def drawn() -> list[int]:
    return [cell for _ in range(DRAWS) for cell in add_noise([0] * CELLS, limit=LIMIT, rho_micro=RHO_MICRO)]


# Bounds below stand seven standard errors away, so that an honest draw fails once in 10^11.


def test_the_noise_has_the_claimed_standard_deviation(drawn):
    claimed = noise_scale_micro(LIMIT, RHO_MICRO) / 1_000_000

    variance = sum(cell * cell for cell in drawn) / len(drawn)

    assert variance / claimed**2 == pytest.approx(1, abs=7 * (2 / len(drawn)) ** 0.5)


def test_the_noise_is_centred(drawn):
    claimed = noise_scale_micro(LIMIT, RHO_MICRO) / 1_000_000

    assert abs(sum(drawn) / len(drawn)) < 7 * claimed / len(drawn) ** 0.5


def test_the_margin_holds_95_percent_of_the_noise(drawn):
    margin = margin_95(noise_scale_micro(LIMIT, RHO_MICRO))

    inside = sum(abs(cell) <= margin for cell in drawn) / len(drawn)

    assert inside == pytest.approx(0.95, abs=7 * (0.95 * 0.05 / len(drawn)) ** 0.5)


def test_the_cells_of_one_draw_are_independent(drawn):
    claimed = noise_scale_micro(LIMIT, RHO_MICRO) / 1_000_000
    pairs = list(zip(drawn[::CELLS], drawn[1::CELLS], strict=True))

    correlation = sum(left * right for left, right in pairs) / len(pairs) / claimed**2

    assert abs(correlation) < 7 / len(pairs) ** 0.5


@pytest.mark.parametrize("spec", metric_specs("USD"), ids=lambda spec: spec.name)
def test_the_measurement_loses_what_is_charged_and_hardly_less(spec):
    dp.enable_features("contrib")
    limit = spec.limit * spec.subunits
    space = dp.vector_domain(dp.atom_domain(T="i64"), CELLS), dp.l2_distance(T="i64")
    scale = noise_scale_micro(limit, spec.rho_micro) / 1_000_000

    loss_micro = dp.m.make_gaussian(*space, scale=scale).map(limit) * 1_000_000

    assert spec.rho_micro * 0.999_999 < loss_micro <= spec.rho_micro


@pytest.mark.parametrize("rho_micro", [1, 13_314, 10**9])
@pytest.mark.parametrize("limit", [1, 2, 10**12])
def test_every_price_and_limit_has_a_measurement(limit, rho_micro):
    assert len(add_noise([0], limit=limit, rho_micro=rho_micro)) == 1


@pytest.mark.parametrize("total", [0, 2**53 + 1, 2**63 - 1])
def test_hostile_totals_are_released(total):
    margin = margin_95(noise_scale_micro(LIMIT, RHO_MICRO))

    (noisy,) = add_noise([total], limit=LIMIT, rho_micro=RHO_MICRO)

    assert abs(noisy - total) < 10 * margin
    assert noisy < 2**63


def test_two_draws_of_one_total_differ():
    draws = {add_noise([7, 7, 7], limit=LIMIT, rho_micro=RHO_MICRO) for _ in range(5)}

    assert len(draws) == 5
