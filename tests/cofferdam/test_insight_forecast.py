"""The forecast of insights, as an operator reads it before anything is spent."""

import json

import pytest
import sqlalchemy as sa

from ledger.insights.guarantee import GUARANTEE
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin
from ledger.tenancy.books import open_book
from tests import warm


@pytest.fixture
def book(engine: sa.Engine) -> None:
    with begin(engine, actor="test") as work:
        open_book(work, name="us", jurisdiction="US", currency="USD")


@pytest.mark.usefixtures("book")
def test_a_new_book_is_told_the_public_limits_their_margins_and_their_price(settings: Settings):
    shown = warm.cofferdam(settings.child_environ(), "insight-forecast", "us", "--json")
    told = warm.cofferdam(settings.child_environ(), "insight-forecast", "us")

    forecasts = {each["metric"]: each for each in json.loads(shown.stdout)}
    assert forecasts["active_customers"]["margin_95"] == 49
    assert (forecasts["transaction_volume"]["limit"], forecasts["transaction_volume"]["limit_months"]) == (500_000, 0)
    assert GUARANTEE.months * sum(each["rho_micro"] for each in forecasts.values()) <= GUARANTEE.rho_micro
    assert "limit 500,000 USD (public), margin 6,272,664" in told.stdout
