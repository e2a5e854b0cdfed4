"""Business days of markets, by holidays that are checked in: no upgrade of a library moves a past deadline."""

import csv
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

from ledger.kernel.errors import InvalidInput

_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


class Market(StrEnum):
    """A market with holidays of its own.

    The Federal Reserve Banks (a holiday on a Saturday is not moved), TARGET of the European Central Bank, and the bank
    holidays of England and Wales.
    """

    FEDERAL_RESERVE = "federal_reserve"
    TARGET = "target"
    UNITED_KINGDOM = "united_kingdom"


@cache
def holidays_of(market: Market) -> dict[date, str]:
    """Return the holidays of a market with their names, weekends among them where the source lists them."""
    text = (files("ledger.kernel") / "holidays" / f"{market}.csv").read_text("utf-8")
    return {date.fromisoformat(row["holiday_on"]): row["name"] for row in csv.DictReader(text.splitlines())}


@cache
def years_of(market: Market) -> range:
    """Return the years whose holidays are known."""
    return range(min(holidays_of(market)).year, max(holidays_of(market)).year + 1)


def is_business_day(market: Market, day: date) -> bool:
    """Return whether a market is open on a day. Raises `InvalidInput` for a year whose holidays are not known."""
    if day.year not in (years := years_of(market)):
        raise InvalidInput(
            f"the holidays of {day.year} are not known; they are of the years {years[0]} to {years[-1]}: extend "
            f"ledger/kernel/holidays/{market}.csv"
        )
    return day.weekday() < _SATURDAY and day not in holidays_of(market)


def business_day_after(market: Market, day: date, count: int) -> date:
    """Return the `count`th business day after a day. Raises `InvalidInput`."""
    assert count > 0, "a business day after is at least the next one"
    while count:
        day += _DAY
        count -= is_business_day(market, day)
    return day


def business_day_from(market: Market, day: date) -> date:
    """Return the day itself if it is a business day, or else the next one. Raises `InvalidInput`."""
    return day if is_business_day(market, day) else business_day_after(market, day, 1)
