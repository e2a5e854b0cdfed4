"""Limits, smoothed values and intervals of a month follow from what was released, and from nothing else."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from lake.privacy.catalogue import metric_specs
from ledger.insights.releases import released_insights
from ledger.kernel.work import Reader
from pipelines.insights import release
from pipelines.insights.cut import newest_cut
from pipelines.insights.forecast import forecasts
from pipelines.insights.history import History
from pipelines.insights.release import release_month
from pipelines.stream.worker import stream_once

APRIL, MAY = date(2018, 4, 1), date(2018, 5, 1)
COUNT, VOLUME = metric_specs("USD")[-2:]


def later():
    return datetime(2018, 7, 1, tzinfo=UTC)


@pytest.fixture
def history(engine, programme):
    with engine.connect() as connection:
        yield History(Reader(connection), programme.book, APRIL)


def released(engine, programme, metric="transaction_volume"):
    with engine.connect() as connection:
        return {
            each.release.month: each
            for each in released_insights(Reader(connection), programme.book.book_id, metric=metric)
        }


def test_without_histograms_the_limit_is_the_public_one(history):
    assert history.under_limit(VOLUME) is VOLUME


def test_small_payers_have_a_small_limit_from_the_first_month_on(engine, lake, programme):
    release_month(engine, lake, programme.book, APRIL, clock=later)

    found = released(engine, programme)[APRIL]
    assert found.release.limit_months == 1
    assert found.release.contribution_limit < VOLUME.limit
    assert (found.release.contribution_limit, found.cells[0].margin_95) < (VOLUME.limit, 62_000 * 100)


def test_a_limit_follows_from_released_histograms_alone(engine, lake, programme):
    release_month(engine, lake, programme.book, APRIL, clock=later)
    with engine.connect() as connection:
        history = History(Reader(connection), programme.book, MAY)
        before = [history.histograms(spec) for spec in (COUNT, VOLUME)]
    programme.post([programme.payment(person, at, 900_000_000, "2018-05-02") for person, at in programme.wallets])
    stream_once(engine, lake, programme.book)

    assert newest_cut(lake, programme.book) is not None
    with engine.connect() as connection:
        history = History(Reader(connection), programme.book, MAY)
        assert [history.histograms(spec) for spec in (COUNT, VOLUME)] == before


def test_a_retry_after_the_charge_finds_the_limit_of_the_charge(engine, lake, programme, monkeypatch):
    """Between a crash and its retry, another month brings a histogram that the charge did not know."""
    programme.post([programme.payment(person, at, 1_000, "2018-05-02") for person, at in programme.wallets])

    def die(*_: object, **__: object) -> None:
        raise OSError("a crash")

    with monkeypatch.context() as broken:
        broken.setattr(
            release, "noisy_cells", lambda spec, *rest: die() if spec.name == VOLUME.name else original(spec, *rest)
        )
        with pytest.raises(OSError, match="a crash"):
            release_month(engine, lake, programme.book, MAY, clock=later)
    release_month(engine, lake, programme.book, APRIL, clock=later)

    retried = release_month(engine, lake, programme.book, MAY, clock=later)

    assert retried.metrics == (VOLUME.name,)
    assert released(engine, programme)[MAY].release.limit_months == 1
    assert released(engine, programme)[APRIL].release.limit_months == 1


original = release.noisy_cells


def test_a_month_that_was_released_without_histograms_owes_none(engine, lake, programme, monkeypatch):
    older = tuple(spec for spec in metric_specs("USD") if not spec.thresholds)
    with monkeypatch.context() as before:
        before.setattr(release, "metric_specs", lambda _currency: older)
        release_month(engine, lake, programme.book, APRIL, clock=later)

    again = release_month(engine, lake, programme.book, APRIL, clock=later)

    assert again.metrics == ()
    found = released(engine, programme)[APRIL]
    assert (found.release.limit_months, found.release.contribution_limit) == (0, VOLUME.limit)
    cell = found.cells[0]
    assert (cell.total_low_95, cell.total_high_95) == (None, None)


def test_a_cell_has_a_smoothed_value_and_an_interval_of_the_whole_total(engine, lake, programme):
    release_month(engine, lake, programme.book, APRIL, clock=later)

    for metric in ("active_customers", "transaction_count", "transaction_volume"):
        shown, *hidden = released(engine, programme, metric)[APRIL].cells
        assert shown.smoothed == shown.value  # one vertical only: there is no shape to draw it toward
        assert (
            shown.total_low_95 <= shown.value - shown.margin_95 < shown.value + shown.margin_95 <= shown.total_high_95
        )
        assert {(cell.value, cell.smoothed, cell.total_low_95, cell.total_high_95) for cell in hidden} == {(None,) * 4}


def test_the_buckets_of_a_histogram_are_those_of_the_catalogue(engine, lake, programme):
    release_month(engine, lake, programme.book, APRIL, clock=later)

    for spec in metric_specs("USD"):
        found = released(engine, programme, spec.name)[APRIL]
        assert [bucket.at_least for bucket in found.buckets] == ([0, *spec.thresholds] if spec.thresholds else [])
        assert all(low.at_least < high.at_least for low, high in pairwise(found.buckets))
        assert bool(found.cells) != bool(found.buckets)


def test_a_forecast_of_a_book_without_releases_has_the_public_limits(engine, programme):
    with engine.connect() as connection:
        found = list(forecasts(Reader(connection), programme.book))

    assert [(each.metric, each.limit, each.limit_months) for each in found] == [
        (spec.name, spec.limit, 0) for spec in metric_specs("USD")
    ]
    assert all(each.percent == {} and each.too_small == () for each in found)


def test_a_forecast_says_the_limit_and_the_margin_that_the_next_month_has(engine, lake, programme):
    programme.post([programme.payment(person, at, 1_000, "2018-05-02") for person, at in programme.wallets])
    release_month(engine, lake, programme.book, APRIL, clock=later)
    with engine.connect() as connection:
        found = {each.metric: each for each in forecasts(Reader(connection), programme.book)}

    volume = found["transaction_volume"]
    known = released(engine, programme)[APRIL]
    assert (volume.limit, volume.limit_months) == (known.release.contribution_limit, 1)
    assert volume.margin_95 == known.cells[0].margin_95
    value = known.cells[0].value
    is_small = value <= volume.margin_95
    assert (volume.too_small, volume.percent) == (
        (("retail",), {}) if is_small else ((), {"retail": 100 * volume.margin_95 // value})
    )
    assert found["active_customers"].percent == {
        "retail": 100 * 49 // released(engine, programme, "active_customers")[APRIL].cells[0].value
    }
