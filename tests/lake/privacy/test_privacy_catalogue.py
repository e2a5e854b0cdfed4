"""The catalogue is fixed, priced within the yearly cap, and every change of it changes a hash."""

from dataclasses import fields, replace

import pytest

from lake.privacy.catalogue import MONTH_RHO_MICRO, metric_specs, spec_hash
from ledger.insights.guarantee import GUARANTEE
from ledger.kernel.errors import UnknownCurrency

GOLDEN = {
    "active_customers": "0da35e72faba7c2b435f51ceb6587c5f3d7105d94f7b59cb327bd6c3260c2d4e",
    "transaction_count": "0393d1185ebe81cc9d2f84443b9cf1ed680eb93be8855e88f7b20584b067beca",
    "transaction_volume": "c268a9770fd1bcd3e79aa0fc6e1d016599587c92a7980f3931a1e1eb91c63daa",
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


@pytest.mark.parametrize(("currency", "limit"), [("USD", 500_000), ("CZK", 10_000_000), ("JPY", 600_000)])
def test_the_limit_of_a_volume_is_in_minor_units_of_the_book(currency, limit):
    volume = metric_specs(currency)[2]

    assert (volume.unit, volume.limit) == (currency, limit)


def test_a_currency_that_does_not_exist_has_no_catalogue():
    with pytest.raises(UnknownCurrency):
        metric_specs("ABC")
