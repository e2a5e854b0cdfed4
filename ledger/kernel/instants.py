"""Instants and dates as numbers of PostgreSQL's binary format, counted from the beginning of the year 2000."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""The instant that microseconds are counted from."""

EPOCH_DAY: Final = EPOCH.date().toordinal()
"""The ordinal of the date that days are counted from."""

MICROSECOND: Final = timedelta(microseconds=1)


@lru_cache(maxsize=4096)
def micros(value: datetime) -> int:
    """Return the microseconds from the epoch to an aware instant."""
    return (value - EPOCH) // MICROSECOND


@lru_cache(maxsize=4096)
def days(value: date) -> int:
    """Return the days from the epoch to a date."""
    return value.toordinal() - EPOCH_DAY
