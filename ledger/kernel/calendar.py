"""The accounting calendar: maps an instant to its accounting date, and a date to the instant at which it begins.

An accounting date is a day of the book: by the wall clock of its time zone, up to its cut-off. A date begins at the
first instant at which that clock shows the cut-off of the date before, or a later time; so the dates of increasing
instants never go back, despite daylight saving time. A date may have 23 or 25 hours, and a date that a zone skipped (by
moving over the date line) has none at all.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta, tzinfo
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from ledger.kernel.errors import InvalidInput

MIDNIGHT: Final = 24 * 60
"""The cut-off at the end of the day itself, in minutes after its beginning by the wall clock."""

_CUT_OFFS: Final = range(12 * 60, 36 * 60 + 1)
_AROUND: Final = 4
_SECOND: Final = timedelta(seconds=1)
_FIRST: Final = date(MINYEAR + 1, 1, 1)
_LAST: Final = date(MAXYEAR - 1, 12, 31)


class DayRule(NamedTuple):
    """A rule for counting dates from `from_on` on: by the clock of `time_zone`, each up to its cut-off."""

    from_on: date
    time_zone: str
    cut_off_minutes: int


UTC_DAYS: Final = DayRule(date.min, "UTC", MIDNIGHT)
"""The rule of a book that declares no other: each date is a day of UTC."""


class Calendar:
    """The accounting dates of one book. `rules` are in the order in which they were made.

    A later rule applies from its date on, and replaces earlier rules from that date: `holding` are the remaining rules
    by date. A date ends where the next one begins, so that a change may shorten or lengthen the date before it.
    """

    def __init__(self, rules: Sequence[DayRule] = ()) -> None:
        self.rules = tuple(rules)
        holding = [UTC_DAYS]
        for rule in self.rules:
            holding = [earlier for earlier in holding if earlier.from_on < rule.from_on]
            holding.append(rule)
        self.holding = tuple(holding)
        self._from_on = [rule.from_on for rule in holding]
        self._is_utc = holding == [UTC_DAYS]
        self._starts: dict[date, datetime] = {}
        self._spans: dict[int, tuple[list[datetime], list[date]]] = {}

    def booked_on(self, instant: datetime) -> date:
        """Return the accounting date of an aware instant. The first and last year that Python supports count by UTC."""
        if instant.tzinfo is not UTC:
            instant = instant.astimezone(UTC)
        if self._is_utc:
            return instant.date()
        day = instant.toordinal()
        starts, dates = self._spans.get(day) or self._learned(day)
        return dates[bisect_right(starts, instant)]

    def starts_at(self, day: date) -> datetime:
        """Return the instant in UTC at which an accounting date begins."""
        if (known := self._starts.get(day)) is not None:
            return known
        at = bisect_right(self._from_on, day) - 1
        starts = _start(self.holding[max(at, 0)], day)
        later = self._from_on[at + 1 :]
        starts = self._starts[day] = min(starts, self.starts_at(later[0])) if later else starts
        return starts

    def ends_at(self, day: date) -> datetime:
        """Return the instant in UTC at which an accounting date ends, and the next one begins."""
        return datetime.max.replace(tzinfo=UTC) if day == date.max else self.starts_at(day + timedelta(days=1))

    def holds(self, day: date, instant: datetime) -> bool:
        """Return whether an instant may count to a date: it is within it, or marks a date that has no time at all."""
        return self.booked_on(instant) == day or instant == self.starts_at(day) == self.ends_at(day)

    def rule_on(self, day: date) -> DayRule:
        """Return the rule that applies to a date."""
        return self.holding[max(bisect_right(self._from_on, day) - 1, 0)]

    def _learned(self, ordinal: int) -> tuple[list[datetime], list[date]]:
        """Compute the instants in a day of UTC at which dates begin, and the dates before, between and after them."""
        utc_day = date.fromordinal(ordinal)
        if not _FIRST <= utc_day <= _LAST:
            return [], [utc_day]
        begins = datetime(utc_day.year, utc_day.month, utc_day.day, tzinfo=UTC)
        ends = begins + timedelta(days=1)
        around = [date.fromordinal(ordinal + step) for step in range(-_AROUND, _AROUND + 1)]
        # Of dates that begin at the same instant only the last has any time.
        by_start = {self.starts_at(day): day for day in around}
        past = max(start for start in by_start if start <= begins)
        within = sorted(start for start in by_start if begins < start < ends)
        learned = self._spans[ordinal] = within, [by_start[past], *(by_start[start] for start in within)]
        assert all(before < after for before, after in pairwise(learned[1])), "the dates of rising instants rise"
        return learned


@cache
def time_zone(name: str) -> tzinfo:
    """Return the time zone of an IANA name from the `tzdata` package, so that every machine counts alike.

    Raises `InvalidInput`.
    """
    data = files("tzdata")
    if name not in _zone_names():
        raise InvalidInput(f"{name!r} is not a time zone; write UTC or an IANA name such as Europe/Prague")
    if name == "UTC":
        return UTC
    with data.joinpath("zoneinfo", *name.split("/")).open("rb") as rules:
        return ZoneInfo.from_file(rules, key=name)


def day_rule(name: str, cut_off: str = "24:00", *, from_on: date = date.min) -> DayRule:
    """Parse a rule: an IANA name, and the wall time at which a date ends. Raises `InvalidInput`."""
    time_zone(name)
    return DayRule(from_on, name, _minutes(cut_off))


def cut_off_text(minutes: int) -> str:
    """Format a cut-off: 17:00; 24:00 is midnight, 26:00 is two hours after it."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(files("tzdata").joinpath("zones").read_text("ascii").split())


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    is_time = text.isascii() and len(text) == len("17:00") and hours.isdigit() and minutes.isdigit()
    cut_off = int(hours) * 60 + int(minutes) if is_time and int(minutes) < 60 else -1  # noqa: PLR2004  # of an hour
    cut_off = MIDNIGHT if cut_off == 0 else cut_off
    if cut_off not in _CUT_OFFS:
        raise InvalidInput(
            f"{text!r} is not a cut-off; write the wall time at which the accounting date ends, from 12:00 to 36:00, "
            "such as 17:00, 24:00 for midnight, or 30:00 for six o'clock the next morning"
        )
    return cut_off


def _start(rule: DayRule, day: date) -> datetime:
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001  # by the wall clock of the zone
    if not _FIRST <= day <= _LAST:
        return midnight.replace(tzinfo=UTC)
    return _first_at(midnight + timedelta(minutes=rule.cut_off_minutes - MIDNIGHT), time_zone(rule.time_zone))


def _first_at(wall: datetime, zone: tzinfo) -> datetime:
    """Return the first instant at which the clock of a zone shows `wall` or a later time."""
    found = wall.replace(tzinfo=zone).astimezone(UTC)
    if _shown(found, zone) == wall:
        return found
    # The clock skipped that time: the first instant after it is that of the skip, which is a whole second.
    before, behind = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), found
    while behind - before > _SECOND:
        middle = before + (behind - before) // _SECOND // 2 * _SECOND
        if _shown(middle, zone) < wall:
            before = middle
        else:
            behind = middle
    return behind


def _shown(instant: datetime, zone: tzinfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)
