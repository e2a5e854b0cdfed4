"""Laws of the accounting calendar, over every time zone there is: dates never go back, and each is found again."""

from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.calendar import Calendar, DayRule, time_zone

ZONES = files("tzdata").joinpath("zones").read_text("ascii").split()
MICROSECOND = timedelta(microseconds=1)

days = st.dates(date(1890, 1, 1), date(2060, 12, 31))
rules = st.builds(
    DayRule, st.just(date.min), st.sampled_from(ZONES), st.one_of(st.just(1440), st.integers(12 * 60, 36 * 60))
)
# A change is planned a while ahead: two of them lie further apart than any two clocks.
changes = st.lists(st.tuples(rules, st.dates(date(2000, 1, 1), date(2030, 1, 1))), max_size=2)
calendars = st.builds(
    lambda first, later: Calendar([first, *(rule._replace(from_on=day) for rule, day in later)]), rules, changes
)
instants = st.datetimes(datetime(1890, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # bounds


@given(calendars, instants, st.timedeltas(timedelta(), timedelta(days=3)))
def test_the_dates_of_rising_instants_never_go_back(calendar, instant, step):
    assert calendar.booked_on(instant) <= calendar.booked_on(instant + step)


@given(calendars, days)
def test_a_date_is_the_date_of_its_first_and_last_instant(calendar, day):
    starts, ends = calendar.starts_at(day), calendar.ends_at(day)

    assert starts <= ends
    assert calendar.holds(day, starts)
    if starts < ends:
        assert calendar.booked_on(starts) == calendar.booked_on(ends - MICROSECOND) == day
        assert calendar.booked_on(starts - MICROSECOND) < day < calendar.booked_on(ends)


@given(calendars, instants)
def test_an_instant_lies_within_its_date(calendar, instant):
    day = calendar.booked_on(instant)

    assert calendar.starts_at(day) <= instant < calendar.ends_at(day)


@given(rules, instants)
def test_a_date_is_the_one_on_the_wall_where_the_clock_was_not_turned_within_a_day(rule, instant):
    calendar, zone = Calendar([rule]), time_zone(rule.time_zone)
    offsets = {(instant + timedelta(hours=hours)).astimezone(zone).utcoffset() for hours in range(-48, 49)}
    wall = instant.astimezone(zone).replace(tzinfo=None) + timedelta(minutes=1440 - rule.cut_off_minutes)

    assert len(offsets) > 1 or calendar.booked_on(instant) == wall.date()
