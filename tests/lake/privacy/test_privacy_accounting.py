"""The conversion from rho to epsilon agrees with independent accountants, and is never below the truth."""

from importlib import import_module
from types import ModuleType

import opendp.prelude as dp
import pytest

from lake.privacy.accounting import best_order, epsilon_micro
from lake.privacy.catalogue import MONTH_RHO_MICRO
from ledger.insights.guarantee import GUARANTEE

MICRO = 1_000_000


@pytest.fixture(scope="module")
def rdp() -> ModuleType:
    """The accountant of dp_accounting, loaded by the worker that asks it: with SciPy it takes two seconds of each."""
    return import_module("dp_accounting.rdp")


@pytest.mark.parametrize("rho_micro", [1_680, 3_328, 6_180, MONTH_RHO_MICRO, 76_600, 266_300, 1_000_000])
@pytest.mark.parametrize("delta", [1e-5, 1e-7, 1e-9])
def test_epsilon_is_that_of_dp_accounting_within_a_millionth_and_never_below(rdp, rho_micro, delta):
    rho = rho_micro / MICRO
    order = best_order(rho, delta)
    accountant = rdp.RdpAccountant(orders=[1 + (order - 1) * (1 + step / 10_000) for step in range(-50, 51)])
    accountant.compose(import_module("dp_accounting").ZCDpEvent(rho))

    theirs = accountant.get_epsilon(delta) * MICRO

    assert -1e-3 <= epsilon_micro(rho_micro, delta) - theirs <= 1.001


@pytest.mark.parametrize("rho_micro", [MONTH_RHO_MICRO, 266_300])
def test_epsilon_is_not_below_the_one_of_opendp(rho_micro):
    dp.enable_features("contrib")
    space = dp.atom_domain(T="i64"), dp.absolute_distance(T="i64")
    gaussian = dp.m.make_gaussian(*space, scale=(MICRO / (2 * rho_micro)) ** 0.5)
    profile = dp.c.make_zCDP_to_approxDP(gaussian).map(1)

    theirs = profile.epsilon(1e-7) * MICRO

    assert theirs - 10 <= epsilon_micro(rho_micro, 1e-7) <= theirs + 10


def test_the_published_guarantee_covers_the_yearly_cap():
    proved = epsilon_micro(GUARANTEE.rho_micro, float(GUARANTEE.delta))

    assert proved <= GUARANTEE.epsilon_micro
    assert GUARANTEE.epsilon_micro - proved < 1_000


def test_one_month_alone_costs_an_epsilon_of_about_one():
    assert epsilon_micro(MONTH_RHO_MICRO, 1e-7) == pytest.approx(1_051_385, abs=1)


def test_nothing_spent_means_nothing_lost():
    assert epsilon_micro(0, 1e-7) == 0
