"""A book counts its accounting dates by its own calendar: bookings, balances, closings and refusals alike."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from ledger.book.accounts.calendars import misdated, set_calendar
from ledger.book.accounts.periods import close_period
from ledger.book.audits.audit import audit
from ledger.book.judging.orders import TransferOrder
from ledger.book.records.transfers import TransferId
from ledger.kernel.calendar import day_rule
from ledger.kernel.engines import create_engine
from ledger.kernel.errors import IdempotencyConflict, InvalidInput
from ledger.kernel.ids import new_id
from ledger.kernel.work import begin, read
from ledger.tenancy.books import open_book
from ledger.tenancy.calendars import book_calendar, calendar_facts

ZONES = ["UTC", "Europe/Prague", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"]
LEAP = date(2020, 2, 29)


def count_days(book, zone: str, cut_off: str = "24:00", from_on: date = date.min):
    rule = day_rule(zone, cut_off, from_on=from_on)
    with begin(book.engine, actor="anna", clock=book.clock) as work:
        return set_calendar(work, book.book_id, rule, reason="where the programme is")


def order(book, at: datetime | None = None, on: date | None = None, minor: int = 100) -> TransferOrder:
    debit, credit = book.account_id("world-USD"), book.account_id("A")
    plain = TransferOrder(TransferId(new_id()), book.partner_id, debit, credit, minor, "USD", "test")
    return plain._replace(effective_at=at, effective_on=on)


def booked(book, table: str = "transfers") -> list[tuple[datetime, date]]:
    query = sa.text(f"SELECT effective_at, booked_on FROM {table} WHERE book_id = :book ORDER BY seq")
    with read(book.engine) as reader:
        return [tuple(row) for row in reader.connection.execute(query, {"book": book.book_id})]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.fixture
def prague(book):
    """A book in Prague with the accounts A and world-USD."""
    book.check("open A 0.00 USD")
    count_days(book, "Europe/Prague")
    return book


@pytest.mark.parametrize(
    ("zone", "cut_off"), [*((zone, "24:00") for zone in ZONES), ("UTC", "17:00"), ("Asia/Kathmandu", "30:00")]
)
def test_a_date_without_a_time_of_day_is_the_accounting_date_in_every_zone(book, zone, cut_off):
    book.check("open A 0.00 USD")
    if (zone, cut_off) != ("UTC", "24:00"):
        count_days(book, zone, cut_off)

    outcomes = book.writers[0].post([order(book, on=LEAP), order(book, on=date(2020, 1, 1))])

    assert [outcome.result for outcome in outcomes] == ["created", "created"]
    assert [day for _, day in booked(book)] == [LEAP, date(2020, 1, 1)]
    with read(book.engine) as reader:
        days = book_calendar(reader.connection, book.book_id)
    assert [at for at, _ in booked(book)] == [days.starts_at(LEAP), days.starts_at(date(2020, 1, 1))]
    book.check("by 2020-02-28 A 1.00\n by 2020-02-29 A 2.00\n by 2019-12-31 A 0.00")


def test_the_current_date_of_the_book_is_not_ahead_and_the_next_one_is(prague):
    today, tomorrow = order(prague, on=date(2020, 3, 1)), order(prague, on=date(2020, 3, 2))

    results = [outcome.result for outcome in prague.writers[0].post([today, tomorrow])]

    assert results == ["created", "effective_in_future"]


def test_the_same_date_sent_again_is_a_resend_and_another_one_is_not(prague):
    first = order(prague, on=LEAP)
    prague.writers[0].post([first])

    again = prague.writers[1].post([first, first._replace(effective_on=date(2020, 2, 28))])

    assert [outcome.result for outcome in again] == ["exists", "exists_with_different_effective_time"]


def test_an_instant_counts_to_the_day_of_the_book(prague):
    prague.writers[0].post([order(prague, at=at(f"2020-02-{day}T23:30:00Z")) for day in (27, 28)])

    assert [day for _, day in booked(prague)] == [date(2020, 2, 28), LEAP]
    prague.check("by 2020-02-27 A 0.00\n by 2020-02-28 A 1.00\n by 2020-02-29 A 2.00")


def test_what_is_recorded_between_the_end_of_a_date_and_midnight_in_utc_counts_where_it_is_dated(prague):
    prague.now = at("2020-03-05T23:10:00Z")  # ten minutes into the sixth of March
    prague.writers[0].post(
        [order(prague), order(prague, at=at("2020-03-05T22:59:00Z")), order(prague, on=date(2020, 3, 5))]
    )

    prague.check("by 2020-03-05 A 2.00\n by 2020-03-06 A 3.00\n by 2020-03-04 A 0.00")


def test_a_refusal_has_the_date_that_the_transfer_would_have_had(prague):
    poor = order(prague, at=at("2020-02-28T23:30:00Z"))
    poor = poor._replace(debit_account_id=poor.credit_account_id, credit_account_id=poor.debit_account_id)

    (outcome,) = prague.writers[0].post([poor])

    assert outcome.result == "insufficient_funds"
    assert [day for _, day in booked(prague, "refused_transfers")] == [LEAP]


def test_a_period_closes_by_the_dates_of_the_book(prague):
    prague.now = at("2020-03-31T22:30:00Z")  # it is April in Prague
    with begin(prague.engine, actor="anna", clock=prague.clock) as work:
        close_period(work, prague.book_id, date(2020, 3, 31), reason="month end")

    edges = [order(prague, at=at(f"2020-03-31T{time}Z")) for time in ("21:59:59", "22:00:00")]
    results = [outcome.result for outcome in prague.writers[0].post([*edges, order(prague, on=date(2020, 3, 31))])]

    assert results == ["period_closed", "created", "period_closed"]


def test_a_day_that_is_not_over_in_the_book_is_not_closed(book):
    count_days(book, "America/New_York")
    book.now = at("2020-03-02T04:00:00Z")  # still the first of March in New York

    with (
        pytest.raises(InvalidInput, match=r"2020-03-01 is not over: the book is at 2020-03-01 \(America/New_York\)"),
        begin(book.engine, actor="anna", clock=book.clock) as work,
    ):
        close_period(work, book.book_id, date(2020, 3, 1), reason="month end")


def test_a_writer_learns_of_a_calendar_that_another_writer_set(prague):
    prague.writers[0].post([order(prague)])
    prague.now += timedelta(hours=1)
    count_days(prague, "Asia/Tokyo", from_on=date(2020, 3, 3))
    prague.now = at("2020-03-02T15:30:00Z")

    prague.writers[0].post([order(prague)])

    assert [day for _, day in booked(prague)] == [date(2020, 3, 1), date(2020, 3, 3)]
    prague.check("")


def test_a_calendar_leaves_what_is_booked_or_closed_as_it_is(prague):
    prague.writers[0].post([order(prague, at=at("2020-02-29T12:00:00Z"))])

    with pytest.raises(
        InvalidInput, match="whose dates cannot change; choose a day that has not begun, such as 2020-03-03"
    ):
        count_days(prague, "Asia/Tokyo", from_on=LEAP)
    with begin(prague.engine, actor="anna", clock=prague.clock) as work:
        close_period(work, prague.book_id, LEAP, reason="month end")
    with pytest.raises(InvalidInput, match="2020-02-29 is closed, with all days up to 2020-02-29"):
        count_days(prague, "Asia/Tokyo", from_on=LEAP)
    assert count_days(prague, "Asia/Tokyo", from_on=date(2020, 3, 2)).time_zone == "Asia/Tokyo"
    prague.check("")


def test_the_same_calendar_again_is_the_fact_that_stands(prague):
    again = count_days(prague, "Europe/Prague")

    with read(prague.engine) as reader:
        assert calendar_facts(reader, prague.book_id) == [again]
    assert (again.actor, again.reason, again.cut_off_minutes) == ("anna", "where the programme is", 1440)


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE transfers SET booked_on = booked_on - 1",
        "UPDATE transfers SET effective_at = effective_at - interval '1 day'",
        "UPDATE refused_transfers SET booked_on = booked_on + 1",
        "UPDATE book_calendars SET time_zone = 'America/Chicago'",
        "UPDATE book_calendars SET cut_off_minutes = 1500",
    ],
)
def test_a_date_that_does_not_follow_from_the_calendar_is_named(prague, tampering):
    poor = order(prague, at=at("2020-02-28T23:30:00Z"))
    poor = poor._replace(debit_account_id=poor.credit_account_id, credit_account_id=poor.debit_account_id)
    prague.writers[0].post([poor, order(prague, at=at("2020-02-28T23:30:00Z"))])
    owner = create_engine(prague.engine.url.render_as_string(hide_password=False), role=None)
    with owner.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql(tampering)
    owner.dispose()

    with read(prague.engine) as reader:
        assert misdated(reader, prague.book_id)
        assert "dates_follow_from_calendars" in {each.check for each in audit(reader, prague.book_id) if not each.ok}


def test_a_book_is_opened_with_its_zone_and_keeps_it(engine):
    days = day_rule("America/New_York", "17:00")
    terms = {"name": "us", "jurisdiction": "US", "currency": "USD"}
    with begin(engine, actor="anna") as work:
        opened = open_book(work, **terms, days=days)

        assert open_book(work, **terms, days=days) == open_book(work, **terms) == opened
        assert book_calendar(work.connection, opened).rules == (days,)
        with pytest.raises(IdempotencyConflict, match="counts its dates in America/New_York up to 17:00"):
            open_book(work, **terms, days=day_rule("Europe/Prague"))
