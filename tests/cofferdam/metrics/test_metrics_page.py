"""The page of metrics as Prometheus reads it: real HTTP, the names that dashboards depend on, and the ledger's rows."""

import os
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

from cofferdam.metrics.api_families import API_METRICS
from cofferdam.metrics.collectors import ProcessCollector, SharedCollector
from cofferdam.metrics.ledger_collector import LedgerCollector
from cofferdam.metrics.listener import metrics_served
from cofferdam.metrics.page import metric_names
from cofferdam.runtime.ports import held_port
from ledger.book.posting.committer import COMMIT_DURATION, Committer
from ledger.flows.registry import CONSUMERS
from ledger.kernel.clock import system_clock
from ledger.kernel.engines import create_engine
from ledger.kernel.metrics_memory import SharedMetrics
from ledger.kernel.work import begin
from ledger.tenancy.books import open_book
from tests import warm
from tests.conftest import ROOT


def _scraped(*collectors) -> dict[tuple[str, ...], float]:
    """The samples that Prometheus would store, by name and values of labels."""
    with held_port(19_464) as listening, metrics_served(listening, *collectors):
        port = listening.getsockname()[1]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            text = answer.read().decode()
    families = text_string_to_metric_families(text)
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


@pytest.fixture
def book_id(engine):
    with begin(engine, actor="test") as work:
        return open_book(work, name="cards", jurisdiction="US", currency="USD")


def test_the_names_of_metrics_are_those_that_dashboards_know():
    assert metric_names() == Path(ROOT, "tests", "golden", "metrics.txt").read_text()


def test_batches_of_the_committer_are_shown_in_seconds(engine, book_id):
    shared = SharedMetrics(API_METRICS).count_here()
    committer = Committer(engine, book_id)

    committer.submit([]).result(10)
    committer.close()
    shown = _scraped(SharedCollector(shared), ProcessCollector(shared))

    assert shown[f"{COMMIT_DURATION.name}_count",] == 1
    assert 0 < shown[f"{COMMIT_DURATION.name}_sum",] < 10
    assert shown[f"{COMMIT_DURATION.name}_bucket", "+Inf"] == 1
    assert shown["cofferdam_batch_orders_bucket", "1"] == 1
    assert shown["process_open_fds", "0"] > 0
    assert shared.pids() == [os.getpid()]


@pytest.mark.usefixtures("book_id")
def test_the_lag_of_the_lake_is_that_of_the_oldest_batch_that_it_lacks(engine):
    shown = _scraped(LedgerCollector(engine, clock=lambda: system_clock() + timedelta(minutes=1)))

    position = shown["cofferdam_book_position", "cards"]
    assert position > 0
    assert shown["cofferdam_database_up",] == 1
    assert shown["cofferdam_stream_lag_positions", "cards"] == position
    assert 60 <= shown["cofferdam_stream_lag_seconds", "cards"] < 120
    assert shown["cofferdam_consumer_lag_positions", "cards", CONSUMERS[0].name] == position
    assert shown["cofferdam_timer_overdue_seconds", "hold"] == 0
    assert shown["cofferdam_privacy_budget_left_rho", "cards"] == 0.2663

    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO acknowledged_watermarks SELECT book_id, last_seq, last_hash, '{}', now() FROM book_heads"
            )
        )
    shown = _scraped(LedgerCollector(engine))

    assert shown["cofferdam_stream_lag_positions", "cards"] == shown["cofferdam_stream_lag_seconds", "cards"] == 0
    assert shown["cofferdam_lake_position", "cards"] == position


def test_a_database_that_does_not_answer_is_shown_as_down():
    away = create_engine("postgresql://nobody@127.0.0.1:1/nothing")

    assert _scraped(LedgerCollector(away)) == {("cofferdam_database_up",): 0}


def test_every_error_of_a_request_is_counted_under_its_own_code():
    """In a process of its own, because classes that a test has imported would be counted too."""
    asked = (
        "from api.request_metrics import REQUEST_ERRORS as errors; import api.app; "
        "from api.access.refusals import AccessRefused; from api.limits.refusals import LimitExceeded; "
        "from api.requests import BadRequest; from ledger.kernel.errors import codes_of; "
        "print(codes_of(AccessRefused, LimitExceeded, BadRequest) - {code for (code,) in errors.series})"
    )

    assert warm.python(asked).stdout == "set()\n"
