"""The catalogue is fixed, priced within the yearly cap, and every change of it changes a hash."""

from dataclasses import fields, replace

import pytest

from lake.privacy.catalogue import MONTH_RHO_MICRO, metric_specs, spec_hash, with_limit
from lake.privacy.limits import VOLUME_LIMITS
from ledger.insights.guarantee import GUARANTEE
from ledger.kernel.currencies import EXPONENTS
from ledger.kernel.errors import UnknownCurrency

GOLDEN = {
    "active_customers": "0992deeb4a3ce998be5dac5b82e1d31b1cab690598ffceb49f4f7c32b5a8b9c9",
    "customers_by_transaction_count": "8cec78e9559e5870398c83d34cc6105f78c498040c6dacfda6c9c7946363640c",
    "customers_by_transaction_volume": "e526c56015ea9ac056b229019eb6820d26ee8d535f3f0258f5aed633a83faa1a",
    "transaction_count": "5000b2f19fd193ba1b942105c463d396e264477b9c7e9aa326de5614f2c86cf7",
    "transaction_volume": "6d313b6108a240bf78ef50ae82ade30f282a6919b7d0b681df1679894e8005c2",
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


def test_a_tenth_of_the_budget_chooses_limits_and_the_rest_is_shared_fifteen_to_twenty_to_fifty_five():
    assert [spec.rho_micro for spec in metric_specs("USD")] == [3_328, 1_109, 1_109, 4_438, 12_204]


def test_a_month_costs_no_more_than_one_of_the_older_catalogue_so_that_years_of_both_fit():
    older = 3_328 + 5_547 + 13_314

    assert sum(spec.rho_micro for spec in metric_specs("USD")) <= older
    assert GUARANTEE.months * older <= GUARANTEE.rho_micro


def test_every_limit_is_chosen_by_a_histogram_that_is_released_before_it():
    specs = metric_specs("USD")

    order = [spec.name for spec in specs]
    chosen = [spec for spec in specs if spec.limit_by]
    assert [spec.name for spec in chosen] == ["transaction_count", "transaction_volume"]
    for spec in chosen:
        histogram = specs[order.index(spec.limit_by)]
        assert order.index(spec.limit_by) < order.index(spec.name)
        assert (histogram.measure, histogram.limit) == (spec.measure, 1)
        assert spec.limit in histogram.thresholds


def test_a_chosen_limit_is_in_the_hash():
    volume = metric_specs("USD")[-1]

    hashes = {spec_hash(each) for each in (volume, with_limit(volume, 40_000, 3), with_limit(volume, 40_000, 4))}

    assert len(hashes) == 3


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
    volume = metric_specs(currency)[-1]

    assert (volume.unit, volume.limit) == (currency, limit)


def test_every_currency_has_a_round_limit_of_its_own_in_a_public_table():
    assert set(VOLUME_LIMITS) >= set(EXPONENTS)
    for currency in EXPONENTS:
        digits = str(VOLUME_LIMITS[currency]).rstrip("0")
        assert digits in {"1", "2", "5"} or currency in {"HUF", "INR", "JPY", "KRW"}, currency


def test_a_currency_that_does_not_exist_has_no_catalogue():
    with pytest.raises(UnknownCurrency):
        metric_specs("ABC")
