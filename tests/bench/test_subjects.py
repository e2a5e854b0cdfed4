"""The subject: every piece of work that a benchmark measures is really done."""

from collections.abc import Iterator

import pytest

from bench import balances, subjects
from bench.meters import Meter
from bench.subjects import Subject, subject


@pytest.fixture
def book(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Subject]:
    monkeypatch.setattr(subjects, "ACCOUNTS", 200)
    with subject(Meter(server), server) as made:
        yield made


def test_posting_is_measured_per_transfer(book: Subject) -> None:
    stored = book.load(2_000)

    batches = book.batches(100, "hot", count=3)
    calls = book.calls(seconds=1)

    assert stored > 100
    assert batches.units == 300
    assert calls.units == len(book.latencies_ms) > 32
    assert book.transfers >= 2_000 + 400 + calls.units


def test_balances_are_read_by_the_books_own_statements(book: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(balances, "_READS", 1_000)
    book.load(100)

    now, as_of = book.balances_now(), book.balances_as_of()

    assert now.units == as_of.units == 4_000
    assert now.server_seconds > 0
    assert as_of.server_seconds > 0
