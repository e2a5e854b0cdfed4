"""The catalogue is fixed, priced within the yearly cap, and every change of it changes a hash."""

from dataclasses import fields, replace

import pytest

from lake.privacy.catalogue import MONTH_RHO_MICRO, metric_specs, spec_hash
from lake.privacy.limits import VOLUME_LIMITS
from ledger.insights.guarantee import GUARANTEE
from ledger.kernel.currencies import EXPONENTS
from ledger.kernel.errors import UnknownCurrency

GOLDEN = {
    "active_customers": "a5a173e099f44e2e853a971ca0b322d92955f957951030d7f431b64a6730844f",
    "transaction_count": "f593389880f9d85e1562d7ebd5c5f26e59ae22e2f5190f8176db2f2ebb738238",
    "transaction_volume": "d5e1ca454b7f81feb2e9b9853cfafe7748132b49317b9bb9a18a9b3c044cb4d1",
}


def test_the_specs_of_a_dollar_book_are_the_published_ones():
    hashes = {spec.name: spec_hash(spec).hex() for spec in metric_specs("USD")}

    assert hashes == GOLDEN, "a spec has changed its meaning: releases before and after it are not comparable"


def test_every_field_of_a_spec_is_in_its_hash():
    spec = metric_specs("USD")[0]

    hashes = {spec_hash(replace(spec, **{field.name: "other"})) for field in fields(spec)}

    assert len(hashes | {spec_hash(spec)}) == len(fields(spec)) + 1


def test_twelve_months_of_all_metrics_fit_into_the_yearly_cap():
    month = sum(spec.rho_micro for spec in metric_specs("USD"))

    assert month <= MONTH_RHO_MICRO
    assert GUARANTEE.months * month <= GUARANTEE.rho_micro


def test_the_budget_is_shared_fifteen_to_twenty_five_to_sixty():
    assert [spec.rho_micro for spec in metric_specs("USD")] == [3_328, 5_547, 13_314]


@pytest.mark.parametrize(
    ("currency", "limit"),
    [
        ("USD", 500_000),
        ("EUR", 500_000),
        ("CZK", 10_000_000),
        ("JPY", 600_000),
        ("VND", 100_000_000),
        ("IDR", 10_000_000_000),
        ("KWD", 2_000_000),
    ],
)
def test_the_limit_of_a_volume_is_in_minor_units_of_the_book(currency, limit):
    volume = metric_specs(currency)[2]

    assert (volume.unit, volume.limit) == (currency, limit)


def test_every_currency_has_a_round_limit_of_its_own_in_a_public_table():
    assert set(VOLUME_LIMITS) >= set(EXPONENTS)
    for currency in EXPONENTS:
        digits = str(VOLUME_LIMITS[currency]).rstrip("0")
        assert digits in {"1", "2", "5"} or currency in {"HUF", "INR", "JPY", "KRW"}, currency


def test_a_currency_that_does_not_exist_has_no_catalogue():
    with pytest.raises(UnknownCurrency):
        metric_specs("ABC")
