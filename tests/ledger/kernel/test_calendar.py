"""The accounting calendar: dates are days of a zone up to a cut-off, whatever the clock there does."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ledger.kernel.calendar import Calendar, DayRule, cut_off_text, day_rule, time_zone
from ledger.kernel.errors import InvalidInput


def calendar(*rules: tuple[str, ...]) -> Calendar:
    return Calendar([day_rule(zone, cut_off, from_on=date.fromisoformat(day)) for zone, cut_off, day in rules])


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "cut_off", "text", "day"),
    [
        ("UTC", "24:00", "2024-02-29T23:59:59.999999+00:00", "2024-02-29"),
        ("Europe/Prague", "24:00", "2023-12-31T23:30:00+00:00", "2024-01-01"),
        ("America/New_York", "24:00", "2024-01-01T23:30:00-05:00", "2024-01-01"),
        ("Pacific/Kiritimati", "24:00", "2024-02-28T10:00:00+00:00", "2024-02-29"),
        ("Pacific/Pago_Pago", "24:00", "2024-03-01T10:59:00+00:00", "2024-02-29"),
        ("Asia/Kathmandu", "24:00", "2024-01-01T18:15:00+00:00", "2024-01-02"),
        ("Europe/Prague", "17:00", "2024-03-29T16:59:59+01:00", "2024-03-29"),
        ("Europe/Prague", "17:00", "2024-03-29T17:00:00+01:00", "2024-03-30"),
        ("America/Chicago", "27:00", "2024-03-02T02:59:00-06:00", "2024-03-01"),
        ("America/Chicago", "27:00", "2024-03-02T03:00:00-06:00", "2024-03-02"),
    ],
)
def test_an_instant_counts_to_the_day_of_the_zone_up_to_the_cut_off(zone, cut_off, text, day):
    assert calendar((zone, cut_off, "0001-01-01")).booked_on(instant(text)) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("zone", "day", "starts", "hours"),
    [
        ("Europe/Prague", "2024-03-31", "2024-03-30T23:00:00Z", 23),
        ("Europe/Prague", "2024-10-27", "2024-10-26T22:00:00Z", 25),
        # Midnight is jumped over: the date begins with the jump.
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", 23),
        ("Asia/Beirut", "2023-03-26", "2023-03-25T22:00:00Z", 23),
        # Midnight comes twice, or is undone: the date begins with the first, and never again.
        ("America/Havana", "2024-11-03", "2024-11-03T04:00:00Z", 25),
        ("America/Sao_Paulo", "2018-02-17", "2018-02-17T02:00:00Z", 25),
        ("America/Goose_Bay", "2010-11-07", "2010-11-07T03:00:00Z", 25),
        # The date line was crossed: one date has no time at all, another has two days.
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", 0),
        ("Pacific/Kwajalein", "1969-09-30", "1969-09-29T13:00:00Z", 47),
    ],
)
def test_a_date_begins_at_the_first_instant_of_its_clock_and_is_as_long_as_that_makes_it(zone, day, starts, hours):
    days, on = calendar((zone, "24:00", "0001-01-01")), date.fromisoformat(day)

    assert days.starts_at(on) == instant(starts)
    assert days.ends_at(on) - days.starts_at(on) == timedelta(hours=hours)


def test_a_minute_that_the_clock_repeats_behind_midnight_stays_in_the_date_that_began():
    days = calendar(("America/Goose_Bay", "24:00", "0001-01-01"))
    undone = datetime(2010, 11, 6, 23, 30, tzinfo=ZoneInfo("America/Goose_Bay"), fold=1)

    assert days.booked_on(undone) == date(2010, 11, 7)


def test_a_later_rule_holds_from_its_date_on_and_replaces_what_was_planned_for_later():
    days = calendar(
        ("Europe/Prague", "24:00", "0001-01-01"),
        ("America/New_York", "17:00", "2026-07-01"),
        ("Asia/Tokyo", "24:00", "2026-06-01"),
    )

    assert [days.rule_on(date(2026, month, 15)).time_zone for month in (5, 6, 7)] == [
        "Europe/Prague",
        "Asia/Tokyo",
        "Asia/Tokyo",
    ]
    assert days.ends_at(date(2026, 5, 31)) == days.starts_at(date(2026, 6, 1)) == instant("2026-05-31T15:00:00Z")
    assert days.booked_on(instant("2026-05-31T14:59:59Z")) == date(2026, 5, 31)


def test_a_date_that_a_change_leaves_no_time_holds_only_its_beginning():
    days = calendar(("Pacific/Pago_Pago", "36:00", "0001-01-01"), ("Pacific/Kiritimati", "12:00", "2026-06-02"))
    gone = date(2026, 6, 1)

    assert days.starts_at(gone) == days.ends_at(gone)
    assert days.holds(gone, days.starts_at(gone))
    assert days.booked_on(days.starts_at(gone)) == date(2026, 6, 2)


def test_the_ends_of_all_time_count_by_utc():
    days = calendar(("Asia/Tokyo", "17:00", "0001-01-01"))

    for edge in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        assert days.booked_on(edge) == edge.date()
    assert days.starts_at(date.min) == datetime.min.replace(tzinfo=UTC)
    assert days.ends_at(date.max) == datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize("name", ["Mars/Base", "europe/prague", "../UTC", "/etc/passwd", "", "Europe", "CET ", "zones"])
def test_a_name_that_is_no_time_zone_is_refused(name):
    with pytest.raises(InvalidInput, match="not a time zone; write UTC or an IANA name"):
        time_zone(name)


@pytest.mark.parametrize(
    "text", ["5pm", "17", "17:60", "06:00", "36:01", "-1:00", "17:0", "\uff11\uff17:00", "24:00:00", ""]
)
def test_a_cut_off_that_is_no_wall_time_from_noon_to_noon_is_refused(text):
    with pytest.raises(InvalidInput, match="not a cut-off; write the wall time"):
        day_rule("UTC", text)


@pytest.mark.parametrize(("text", "minutes", "shown"), [("00:00", 1440, "24:00"), ("17:30", 1050, "17:30")])
def test_a_cut_off_is_written_as_it_is_read(text, minutes, shown):
    rule = day_rule("UTC", text)

    assert rule == DayRule(date.min, "UTC", minutes)
    assert cut_off_text(rule.cut_off_minutes) == shown
