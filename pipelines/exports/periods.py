"""Periods of reports and their deadlines, by the business days of the report's market."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from ledger.kernel.business_days import Market, business_day_after, is_business_day
from ledger.kernel.errors import InvalidInput
from pipelines.exports.declarations import Due, Frequency, Report

_DAY = timedelta(days=1)


class ReportingPeriod(NamedTuple):
    """The first and last accounting date of a period, and the last day on which its report may be filed."""

    from_on: date
    until_on: date
    due_on: date


def period_of(report: Report, market: Market, text: str) -> ReportingPeriod:
    """Read a period of a report: a day `2026-01-30`, or a month `2026-01`. Raises `InvalidInput`."""
    is_daily = report.frequency is Frequency.DAILY
    try:
        day = date.fromisoformat(text if is_daily else f"{text}-01")
    except ValueError:
        shape = "a date such as 2026-01-30" if is_daily else "a month such as 2026-01"
        raise InvalidInput(
            f"{text!r} is no period of {report.name}, which is {report.frequency}; write {shape}"
        ) from None
    if is_daily and not is_business_day(market, day):
        raise InvalidInput(
            f"{day} is no business day of {market}; what happens on it counts to the next one, "
            f"{business_day_after(market, day, 1)}"
        )
    return _ending(report, market, day) if is_daily else _month(report, market, day)


def periods(report: Report, market: Market, from_on: date, until_on: date) -> Iterator[ReportingPeriod]:
    """Yield the periods that begin on or after a date, and end on or before another one, in their order.

    A day that is no business day counts to the next one: its period begins where the one before has ended.
    """
    day = from_on if report.frequency is Frequency.DAILY else from_on.replace(day=1)
    while day <= until_on:
        if report.frequency is Frequency.MONTHLY:
            found = _month(report, market, day)
            day = found.until_on
            if found.until_on <= until_on:
                yield found
        elif is_business_day(market, day):
            yield _ending(report, market, day)
        day += _DAY


def name_of(report: Report, until_on: date) -> str:
    """Return the name of the period that ends on a date, as `period_of` reads it."""
    return str(until_on) if report.frequency is Frequency.DAILY else f"{until_on:%Y-%m}"


def _ending(report: Report, market: Market, until_on: date) -> ReportingPeriod:
    """Return the period of a business day, with the closed days before it (31 CFR 1010.100(d) for the CTR)."""
    from_on = until_on
    while not is_business_day(market, from_on - _DAY):
        from_on -= _DAY
    return ReportingPeriod(from_on, until_on, _due_on(report.due, market, until_on))


def _month(report: Report, market: Market, first: date) -> ReportingPeriod:
    until_on = first.replace(day=monthrange(first.year, first.month)[1])
    return ReportingPeriod(first, until_on, _due_on(report.due, market, until_on))


def _due_on(due: Due, market: Market, until_on: date) -> date:
    if due.in_business_days:
        return business_day_after(market, until_on, due.days)
    return until_on + timedelta(days=due.days)
