"""Same Day ACH and cut-offs: windows, limits and settlement of the Federal Reserve, each dated, with its source."""

from datetime import date, datetime, time
from typing import Final, NamedTuple

from ledger.kernel.business_days import Market, business_day_after, business_day_from, is_business_day
from ledger.kernel.calendar import time_zone

_TIME_ZONE: Final = "America/New_York"

_EXCLUDED: Final = frozenset({"IAT", "ENR"})


class Window(NamedTuple):
    """A window: files that came by `deadline` settle at `settles_at`; `since` is its first day."""

    since: date
    deadline: time
    settles_at: time
    source: str


class Limit(NamedTuple):
    """The largest amount of one Same Day entry, in cents, from a day on."""

    since: date
    amount_max_minor: int
    source: str


class Settlement(NamedTuple):
    """The settlement of a file: the banking day, its time in New York, and whether it is Same Day."""

    settles_on: date
    settles_at: time
    is_same_day: bool


SAME_DAY_WINDOWS: Final = (
    Window(date(2016, 9, 23), time(10, 30), time(13, 0), "Nacha, Same Day ACH, phase 1"),
    Window(date(2016, 9, 23), time(14, 45), time(17, 0), "Nacha, Same Day ACH, phase 1"),
    Window(date(2021, 3, 19), time(16, 45), time(18, 0), "Federal Reserve, FedACH processing schedule, third window"),
)
"""The windows of the Federal Reserve's operator; an originating bank closes earlier."""

SAME_DAY_LIMITS: Final = (
    Limit(date(2016, 9, 23), 2_500_000, "Nacha, Same Day ACH, phase 1"),
    Limit(date(2020, 3, 20), 10_000_000, "Nacha, increasing the Same Day ACH dollar limit"),
    Limit(date(2022, 3, 18), 100_000_000, "Nacha, increasing the Same Day ACH dollar limit to $1 million"),
)
"""The limits of one entry; amounts are cents, so that the last one is $1,000,000."""

_MORNING: Final = time(8, 30)
"""The time at which entries settle that are not Same Day (Federal Reserve, FedACH processing schedule)."""


def same_day_limit(on: date) -> int | None:
    """Return the largest amount of a Same Day entry on a day, in cents; None before there was Same Day ACH."""
    return next((each.amount_max_minor for each in reversed(SAME_DAY_LIMITS) if each.since <= on), None)


def is_same_day_amount(entry_class: str, amount_minor: int, on: date) -> bool:
    """Return whether an entry of a class and an amount may be Same Day on a day."""
    limit_minor = same_day_limit(on)
    return entry_class not in _EXCLUDED and limit_minor is not None and amount_minor <= limit_minor


def settlement(received_at: datetime, effective_on: date, *, may_be_same_day: bool) -> Settlement:
    """Return when entries settle that the operator received at an instant, with the effective date that they ask for.

    Same Day settles in the first window whose deadline is not past, if the effective date is that banking day or was
    before it. All else settles in the morning of its effective date, and of the next banking day at the earliest.
    """
    local = received_at.astimezone(time_zone(_TIME_ZONE))
    today = local.date()
    if may_be_same_day and effective_on <= today and is_business_day(Market.FEDERAL_RESERVE, today):
        for window in SAME_DAY_WINDOWS:
            if window.since <= today and local.time() <= window.deadline:
                return Settlement(today, window.settles_at, is_same_day=True)
    earliest = business_day_after(Market.FEDERAL_RESERVE, today, 1)
    return Settlement(
        max(earliest, business_day_from(Market.FEDERAL_RESERVE, effective_on)), _MORNING, is_same_day=False
    )
