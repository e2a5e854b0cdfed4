"""A closed month of an eligible book is released once, from a settled lake, and nothing else ever is."""

import logging
import threading
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from lake.bronze.read import files, watermark
from lake.errors import DamagedLake
from lake.privacy.catalogue import metric_specs, spec_hash, with_limit
from ledger.book.records.transfers import Transfer
from ledger.imports.imports import importing, quiet
from ledger.insights.records import BudgetCharge, InsightBucket, InsightCell, InsightRelease
from ledger.insights.releases import released_insights
from ledger.kernel.calendar import Calendar, day_rule
from ledger.kernel.errors import InvalidInput, Unavailable
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, begin
from ledger.tenancy.books import all_books, book_named, open_book
from ledger.tenancy.directory import Directory
from ledger.tenancy.operating_periods import Period, declare_period
from ledger.tenancy.records import Customer, Vertical
from pipelines.insights import release
from pipelines.insights.cut import newest_cut
from pipelines.insights.due import closed_months, due_everywhere, due_months
from pipelines.insights.release import MonthRelease, release_month
from pipelines.stream.worker import stream_once
from tests.pipelines.stream.programme import sole_zone

_BUDGET_CHARGES: Final = table(BudgetCharge)

APRIL, MAY = date(2018, 4, 1), date(2018, 5, 1)
METRICS = (
    "active_customers",
    "customers_by_transaction_count",
    "customers_by_transaction_volume",
    "transaction_count",
    "transaction_volume",
)
TOTALS = ("active_customers", "transaction_count", "transaction_volume")


def at(text: str):
    instant = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return lambda: instant


LATER = at("2018-07-01T00:00:00")


def insights(engine, book):
    with engine.connect() as connection:
        return released_insights(Reader(connection), book.book_id)


def totals(found):
    return [each for each in found if each.release.metric in TOTALS]


def charges(engine):
    with engine.connect() as connection:
        return list(connection.execute(sa.select(_BUDGET_CHARGES)))


def release_due(engine, lake) -> list[MonthRelease | None]:
    """What Dagster does: stream, ask what is due, release each month on its own."""
    with engine.connect() as connection:
        books = all_books(connection)
    for book in books:
        stream_once(engine, lake, book)
    with Directory(engine.url.render_as_string(hide_password=False)) as directory:
        due = due_everywhere(directory, sole_zone(lake), now=LATER())
    return [release_month(engine, lake, book, month, clock=LATER) for book, month in due]


def test_every_due_month_is_released_for_every_metric(engine, lake, programme):
    releases = release_due(engine, lake)

    assert [(each.month, each.metrics) for each in releases] == [(APRIL, METRICS), (MAY, METRICS)]
    found = insights(engine, programme.book)
    assert {(each.release.month, each.release.metric) for each in found} == {
        (month, metric) for month in (APRIL, MAY) for metric in METRICS
    }
    assert [each.release.unit for each in found[:5]] == ["customers"] * 3 + ["transactions", "USD"]
    for insight in totals(found)[3:]:  # those of April, in which there were customers enough
        values = {cell.vertical: cell.value for cell in insight.cells}
        assert values[Vertical.RETAIL] is not None
        assert [vertical for vertical in Vertical if values[vertical] is None] == list(Vertical)[1:]


def test_the_budget_says_what_the_published_specs_cost(engine, lake, programme):
    release_due(engine, lake)

    specs = {spec.name: spec for spec in metric_specs("USD")}
    for each in insights(engine, programme.book):
        public = specs[each.release.metric]
        spec = with_limit(public, each.release.contribution_limit, each.release.limit_months)
        assert (each.release.rho_micro, each.release.spec_hash) == (spec.rho_micro, spec_hash(spec))
    assert {charge.spec_hash for charge in charges(engine)} == {
        each.release.spec_hash for each in insights(engine, programme.book)
    }
    paid = {charge.charge_id: charge.rho_micro for charge in charges(engine)}
    assert paid == {each.release.charge_id: each.release.rho_micro for each in insights(engine, programme.book)}


def test_releases_reach_the_lake_like_every_fact(engine, lake, programme):
    release_month(engine, lake, programme.book, APRIL, clock=LATER)
    stream_once(engine, lake, programme.book)

    mark = watermark(lake, programme.book.name)
    rows = {
        record: sum(pq.read_metadata(path).num_rows for path in files(lake, programme.book.name, record, mark))
        for record in (BudgetCharge, InsightRelease, InsightCell, InsightBucket)
    }

    buckets = sum(len(spec.thresholds) + 1 for spec in metric_specs("USD") if spec.thresholds)
    assert rows == {BudgetCharge: 5, InsightRelease: 5, InsightCell: 3 * len(Vertical), InsightBucket: buckets}


def test_released_values_lie_around_the_truth(engine, lake, programme):
    release_month(engine, lake, programme.book, APRIL, clock=LATER)

    seats = [(person, partner) for person, partner in programme.wallets if partner < 5]
    truths = {
        "active_customers": len({person for person, _ in seats}),
        "transaction_count": len(seats),
        "transaction_volume": sum(1_000 + person for person, _ in seats),
    }
    for insight in totals(insights(engine, programme.book)):
        cell = insight.cells[0]
        if insight.release.contribution_limit >= truths[insight.release.metric] // 100:  # hardly anybody is clipped
            assert abs(cell.value - truths[insight.release.metric]) < 5 * cell.margin_95  # ten standard deviations
        assert cell.value < truths[insight.release.metric] + 5 * cell.margin_95


def test_a_second_run_releases_and_charges_nothing_more(engine, lake, programme):
    release_due(engine, lake)
    before = insights(engine, programme.book), len(charges(engine))

    again = release_due(engine, lake)

    assert again == []
    assert (insights(engine, programme.book), len(charges(engine))) == before


def test_late_transfers_never_change_what_was_released(engine, lake, programme):
    release_due(engine, lake)
    before = insights(engine, programme.book)
    programme.pay(1, 1, 900_000, "2018-04-20")

    release_due(engine, lake)

    assert insights(engine, programme.book) == before


@pytest.mark.parametrize("fault", ["noisy_cells", "record_release"])
def test_a_crash_after_the_charge_is_taken_up_without_a_second_charge(engine, lake, programme, monkeypatch, fault):
    def die(*_: object, **__: object) -> None:
        raise OSError(fault)

    with monkeypatch.context() as broken:
        broken.setattr(release, fault, die)
        with pytest.raises(OSError, match=fault):
            release_month(engine, lake, programme.book, APRIL, clock=LATER)
    assert len(charges(engine)) == 1
    assert insights(engine, programme.book) == []

    released = release_month(engine, lake, programme.book, APRIL, clock=LATER)

    assert released.metrics == METRICS
    assert len(charges(engine)) == len(insights(engine, programme.book)) == 5


def test_the_charge_is_committed_before_private_rows_are_read(engine, lake, programme, monkeypatch):
    seen = []

    def watched(*arguments: object, **named: object) -> object:
        seen.append(len(charges(engine)))
        return original(*arguments, **named)

    original = release.person_vectors
    monkeypatch.setattr(release, "person_vectors", watched)

    release_month(engine, lake, programme.book, APRIL, clock=LATER)

    assert seen == [1, 2, 3, 4, 5]


def test_a_book_with_too_few_partners_is_neither_charged_nor_released(engine, lake, make_programme, caplog):
    book = make_programme(retailers=3).book

    assert release_due(engine, lake) == []
    with caplog.at_level(logging.INFO, "cofferdam.insights"):
        assert release_month(engine, lake, book, APRIL, clock=LATER) is None

    assert "no vertical with enough partners" in caplog.text
    assert charges(engine) == []


def test_a_book_that_is_being_imported_is_passed_over_with_a_line_and_others_go_on(
    engine, lake, make_programme, caplog
):
    busy, free = make_programme("busy").book, make_programme("free").book

    with importing(engine, busy.book_id, mapping="history", files="a.csv"):
        with pytest.raises(Unavailable, match="being imported"):
            release_month(engine, lake, busy, APRIL, clock=LATER)
        releases = release_due(engine, lake)

    assert {each.book_name for each in releases} == {free.name}
    assert "book 'busy' is being imported" in caplog.text
    assert insights(engine, busy) == []


def test_an_import_waits_until_the_release_has_ended(engine, programme):
    began = threading.Event()

    def import_something() -> None:
        with importing(engine, programme.book.book_id, mapping="history", files="a.csv"):
            began.set()

    with quiet(engine, programme.book):
        thread = threading.Thread(target=import_something)
        thread.start()
        assert not began.wait(0.3)

    assert began.wait(10)
    thread.join()


def test_a_book_that_is_half_imported_waits_until_the_import_is_run_to_its_end(engine, lake, programme):
    book = programme.book

    def fail_halfway() -> None:
        with importing(engine, book.book_id, mapping="history", files="a.csv"):
            raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        fail_halfway()
    with pytest.raises(Unavailable, match=r"half imported: import a\.csv by 'history' again"):
        release_month(engine, lake, book, APRIL, clock=LATER)
    with importing(engine, book.book_id, mapping="history", files="a.csv"):
        pass

    assert release_month(engine, lake, book, APRIL, clock=LATER) is not None


def test_the_lock_is_given_back_after_a_failure(engine, programme):
    def fail() -> None:
        with quiet(engine, programme.book):
            raise OSError("disk")

    for _ in range(2):
        with pytest.raises(OSError, match="disk"):
            fail()


def test_a_release_reads_all_that_was_recorded_when_it_began(engine, lake, programme):
    stream_once(engine, lake, programme.book)
    behind = newest_cut(lake, programme.book)
    programme.pay(1, 1, 100, "2018-04-11")

    released = release_month(engine, lake, programme.book, APRIL, clock=LATER)

    assert released.as_of_seq > behind.as_of_seq
    assert {each.release.as_of_seq for each in insights(engine, programme.book)} == {released.as_of_seq}


@pytest.mark.parametrize(
    ("zone", "last_open", "first_closed"),
    [
        ("UTC", "2018-05-03T23:59:59", "2018-05-04T00:00:00"),
        ("Europe/Prague", "2018-05-03T21:59:59", "2018-05-03T22:00:00"),
        ("America/New_York", "2018-05-04T03:59:59", "2018-05-04T04:00:00"),
    ],
)
def test_a_month_is_closed_three_days_after_its_end_in_the_book(zone, last_open, first_closed):
    period, calendar = Period(date(2018, 4, 10), date(2018, 5, 31)), Calendar([day_rule(zone)])

    assert closed_months(period, calendar, now=at(last_open)()) == []
    assert closed_months(period, calendar, now=at(first_closed)()) == [APRIL]
    assert closed_months(period, calendar, now=at("2030-01-01")()) == [APRIL, MAY]


def test_an_open_month_cannot_be_released(engine, lake, programme):
    with pytest.raises(InvalidInput, match="not closed"):
        release_month(engine, lake, programme.book, MAY, clock=at("2018-06-03T00:00:00"))

    assert charges(engine) == []


@pytest.mark.parametrize("month", [date(1990, 1, 1), date(2018, 3, 1), date(2018, 6, 1)])
def test_a_month_outside_of_the_operating_period_is_neither_charged_nor_released(engine, lake, programme, month):
    programme.pay(1, 1, 100, month.replace(day=20).isoformat())

    with pytest.raises(InvalidInput, match=r"outside of the operating period of 'sandbox', from 2018-04-10 to 2018-05"):
        release_month(engine, lake, programme.book, month, clock=at("2018-09-01"))

    assert charges(engine) == []


def test_which_months_are_due_does_not_depend_on_any_persons_payments(engine, programme):
    now = at("2019-01-01")()
    before = due_months(engine, programme.book, now=now)
    for day in ("2017-12-31", "2018-08-01", "2018-12-31"):
        programme.pay(1, 1, 100, day)

    assert due_months(engine, programme.book, now=now) == before == [APRIL, MAY]


def test_a_book_that_declared_no_period_operates_since_it_was_opened(engine):
    with begin(engine, actor="test", clock=at("2026-02-10")) as work:
        open_book(work, name="young", jurisdiction="US", currency="USD")
    with engine.connect() as connection:
        book = book_named(connection, "young")

    assert due_months(engine, book, now=at("2026-05-03")()) == [date(2026, 2, 1), date(2026, 3, 1)]


def test_silent_months_between_busy_ones_are_due_as_well(engine, programme):
    with begin(engine, actor="test") as work:
        declare_period(work, programme.book.book_id, Period(date(2018, 2, 15)), reason="it goes on")

    due = due_months(engine, programme.book, now=at("2018-09-04T00:00:00")())

    assert due == [date(2018, month, 1) for month in range(2, 9)]


def test_a_vertical_with_too_few_released_customers_shows_nothing_but_them(engine, lake, programme):
    release_due(engine, lake)

    found = totals(insights(engine, programme.book))
    may = {each.release.metric: each.cells[0] for each in found if each.release.month == MAY}

    # One person paid in May: by chance the noise shows more than fifty, one time in fifty.
    shows_enough = may["active_customers"].value >= 50
    assert [may[metric].value is not None for metric in TOTALS[1:]] == [shows_enough] * 2
    assert len([charge for charge in charges(engine) if charge.month == MAY]) == len(METRICS)


def test_an_empty_installation_has_nothing_due(engine, lake):
    assert release_due(engine, lake) == []


@pytest.mark.parametrize("record", [Transfer, Customer])
def test_nothing_is_charged_or_released_from_a_file_that_is_not_as_it_was_written(engine, lake, programme, record):
    stream_once(engine, lake, programme.book)
    path = Path(next(iter(files(lake, programme.book.name, record, watermark(lake, programme.book.name)))))
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 4
    path.write_bytes(bytes(content))

    with pytest.raises(DamagedLake, match=f"{path.name} of {record.TABLE} of book .* cofferdam stream --rebuild"):
        release_month(engine, lake, programme.book, APRIL, clock=LATER)

    assert charges(engine) == []
