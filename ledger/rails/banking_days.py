"""Banking days of the Federal Reserve: every weekday but its holidays, of which one on a Saturday is not moved."""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

_MONDAY, _THURSDAY, _SATURDAY, _SUNDAY = 0, 3, 5, 6
_DAY: Final = timedelta(days=1)
_FIXED: Final = ((1, 1, 0), (6, 19, 2022), (7, 4, 0), (11, 11, 0), (12, 25, 0))
"""Holidays on a date: month, day, and the first year. Juneteenth is one since 2022 (Public Law 117-17)."""

_NTH: Final = ((1, _MONDAY, 3), (2, _MONDAY, 3), (9, _MONDAY, 1), (10, _MONDAY, 2), (11, _THURSDAY, 4))
"""Holidays on the nth weekday of a month: Martin Luther King, Washington, Labor, Columbus, Thanksgiving."""


def is_banking_day(day: date) -> bool:
    """Return whether the Federal Reserve Banks are open (frbservices.org, Holiday Schedules; 5 U.S.C. 6103)."""
    return day.weekday() < _SATURDAY and day not in _holidays(day.year)


def add_banking_days(day: date, days: int) -> date:
    """Return the banking day that is `days` of them after a day; 0 is the day itself, or the next banking day."""
    found = next_banking_day(day) if days == 0 else day
    for _ in range(days):
        found = next_banking_day(found + _DAY)
    return found


def next_banking_day(day: date) -> date:
    """Return a day if it is a banking day, or the next one."""
    while not is_banking_day(day):
        day += _DAY
    return day


@lru_cache(maxsize=256)
def _holidays(year: int) -> frozenset[date]:
    """Return the holidays of a year as they are kept: one on a Sunday on the Monday after."""
    fixed = [date(year, month, day) for month, day, since in _FIXED if year >= since]
    observed = [day + _DAY if day.weekday() == _SUNDAY else day for day in fixed]
    last_of_may = date(year, 5, 31)
    memorial = last_of_may - timedelta(days=last_of_may.weekday())
    return frozenset([*observed, memorial, *(_nth(year, *rule) for rule in _NTH)])


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
