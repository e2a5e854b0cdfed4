"""Business days: the dates that trap everybody, and that what is checked in differs from nothing but the future."""

from datetime import date

import holidays
import pytest

from ledger.kernel.business_days import (
    Market,
    business_day_after,
    business_day_from,
    holidays_of,
    is_business_day,
    years_of,
)
from ledger.kernel.errors import InvalidInput

_SETTLED_UNTIL = date(2026, 12, 31)
"""Up to here a deadline may have passed: a difference there is for a person to look at."""


@pytest.mark.parametrize("day", ["2026-07-03", "2027-06-18", "2027-12-24", "2027-12-31", "2028-11-10"])
def test_the_federal_reserve_is_open_before_a_holiday_on_a_saturday(day: str) -> None:
    assert is_business_day(Market.FEDERAL_RESERVE, date.fromisoformat(day))


@pytest.mark.parametrize(
    ("market", "day"),
    [
        (Market.FEDERAL_RESERVE, "2026-11-26"),
        (Market.FEDERAL_RESERVE, "2027-07-05"),
        (Market.TARGET, "2026-04-03"),
        (Market.TARGET, "2026-05-01"),
        (Market.UNITED_KINGDOM, "2026-12-28"),
        (Market.UNITED_KINGDOM, "2022-09-19"),
        (Market.FEDERAL_RESERVE, "2026-11-28"),
    ],
)
def test_a_market_is_closed(market: Market, day: str) -> None:
    assert not is_business_day(market, date.fromisoformat(day))


def test_thanksgiving_is_counted_over() -> None:
    assert business_day_after(Market.FEDERAL_RESERVE, date(2026, 11, 25), 1) == date(2026, 11, 27)
    assert business_day_after(Market.FEDERAL_RESERVE, date(2026, 11, 25), 3) == date(2026, 12, 1)
    assert business_day_from(Market.FEDERAL_RESERVE, date(2026, 11, 28)) == date(2026, 11, 30)


def test_a_year_that_nobody_knows_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"extend ledger/kernel/holidays/target\.csv"):
        is_business_day(Market.TARGET, date(years_of(Market.TARGET)[-1] + 1, 1, 1))


@pytest.mark.parametrize("market", Market)
def test_what_is_checked_in_agrees_with_an_independent_list(market: Market) -> None:
    """A difference in the past is a fault of one of the two; one in the future is news, and is reviewed by hand."""
    theirs = {day for day in _independent(market) if day.weekday() < 5}
    ours = {day for day in holidays_of(market) if day.weekday() < 5 and day.year >= min(theirs).year}

    settled = [day for day in sorted(ours ^ theirs) if day <= _SETTLED_UNTIL]
    news = [day for day in sorted(ours ^ theirs) if day > _SETTLED_UNTIL]

    assert settled == [], "a past deadline would move: look at both sources"
    assert news == [], f"extend ledger/kernel/holidays/{market}.csv by a reviewed change, not by an upgrade"


@pytest.mark.parametrize("market", Market)
def test_every_year_has_its_holidays(market: Market) -> None:
    for year in years_of(market):
        closed = [day for day in holidays_of(market) if day.year == year]
        assert len(closed) >= 5, year


def _independent(market: Market) -> list[date]:
    if market is Market.UNITED_KINGDOM:
        return list(holidays.country_holidays("GB", subdiv="ENG", years=years_of(market)))
    code = {Market.FEDERAL_RESERVE: "XFED", Market.TARGET: "XECB"}[market]
    return list(holidays.financial_holidays(code, years=years_of(market)))
