"""Closing periods: what is closed stays closed, under a seal that a third party recomputes from the transfers."""

import hashlib
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from ledger.book.accounts.periods import close_period, closings
from ledger.book.judging.orders import Terms
from ledger.book.judging.results import Result
from ledger.book.posting.writer import BookWriter
from ledger.book.reading.transfers import transfers_page
from ledger.book.records.periods import PeriodClosing
from ledger.book.records.transfers import Kind
from ledger.kernel.errors import InvalidInput
from ledger.kernel.pages import Slice
from ledger.kernel.work import begin, read


def _today() -> date:
    """Asked when a test runs: a suite may be collected before midnight, and run after it."""
    return datetime.now(UTC).date()


def _close(shop, days_ago: int, reason: str = "month end") -> PeriodClosing:
    with begin(shop.engine, actor="anna") as work:
        return close_period(work, shop.book_id, _today() - timedelta(days=days_ago), reason=reason)


def _dated(days_ago: int) -> datetime:
    return datetime.combine(_today() - timedelta(days=days_ago), time(), UTC)


def _seal_of(shop, until: date, before: int) -> tuple[int, bytes]:
    """The seal as the documents state it, from what anybody can read of the transfers."""
    sums = defaultdict(lambda: ["", 0, 0])
    with read(shop.engine) as reader:
        done = transfers_page(reader, shop.book_id, Slice(limit=10_000))
        numbers = dict(reader.connection.execute(sa.text("SELECT account_id, account_no FROM accounts")).all())
    for view in done:
        transfer = view.transfer
        if transfer.kind in ("transfer", "post") and transfer.booked_on <= until and transfer.seq < before:
            for account_id, side in ((view.related.debit_account_id, 1), (view.related.credit_account_id, 2)):
                number = numbers[account_id]
                sums[number][0] = transfer.currency
                sums[number][side] += transfer.amount_minor
    text = "".join(f"{number},{sums[number][0]},{sums[number][1]},{sums[number][2]}\n" for number in sorted(sums))
    return len(sums), hashlib.sha256(text.encode()).digest()


@pytest.fixture
def busy(shop):
    """Transfers dated over the last ten days, some held, in two currencies."""
    shop.open("A 900.00 USD\n B 0.00 USD\n X 900 JPY\n Y 0 JPY")
    orders = [shop.order("A", "B", f"{n}.07", effective_at=_dated(n % 10)) for n in range(1, 30)]
    orders += [shop.order("X", "Y", f"{n}", "JPY", effective_at=_dated(n % 10)) for n in range(1, 9)]
    orders += [shop.order("A", "B", "1.00", effective_at=_dated(8), terms=Terms(kind=Kind.HOLD))]
    assert {outcome.result for outcome in shop.writer.post(orders)} == {Result.CREATED}
    return shop


def test_the_seal_is_what_a_third_party_computes(busy):
    first, second = _close(busy, 6), _close(busy, 2)

    for closing in (first, second):
        assert (closing.accounts, closing.seal) == _seal_of(busy, closing.closed_until_on, closing.seq)
    assert first.seal != second.seal
    assert (first.accounts, first.actor, first.reason) == (4, "anna", "month end")
    assert busy.faults() == []


def test_a_closing_of_nothing_is_the_hash_of_nothing(shop):
    closing = _close(shop, 1)

    assert (closing.accounts, closing.seal) == (0, hashlib.sha256(b"").digest())


def test_nothing_is_dated_into_a_closed_period_and_the_day_after_is_open(busy):
    _close(busy, 3)

    results = [busy.writer.post([busy.order("A", "B", "0.01", effective_at=_dated(n))])[0].result for n in (4, 3, 2, 0)]

    assert results == [Result.PERIOD_CLOSED, Result.PERIOD_CLOSED, Result.CREATED, Result.CREATED]
    assert busy.faults() == []


def test_the_first_instant_after_the_last_closed_day_is_open(busy):
    _close(busy, 3)
    midnight = datetime.combine(_today() - timedelta(days=2), time(0), UTC)

    edges = [midnight - timedelta(microseconds=1), midnight]

    results = [busy.writer.post([busy.order("A", "B", "0.01", effective_at=at)])[0].result for at in edges]
    assert results == [Result.PERIOD_CLOSED, Result.CREATED]


def test_a_day_that_is_not_past_cannot_be_closed(shop):
    for days_ago in (0, -1):
        with pytest.raises(InvalidInput, match="close a day before it"):
            _close(shop, days_ago)


def test_an_earlier_day_is_refused_and_the_same_day_gives_the_same_closing(busy):
    first = _close(busy, 3)

    assert _close(busy, 3, "once more") == first
    with pytest.raises(InvalidInput, match="close a later day"):
        _close(busy, 4)
    with pytest.raises(InvalidInput, match="say why"):
        _close(busy, 2, " ")
    with read(busy.engine) as reader:
        assert closings(reader, busy.book_id) == [first]


def test_a_seal_holds_what_was_recorded_while_it_was_being_computed(busy):
    """Closings and transfers at once: whichever comes first in the journal, the seal is that of its position."""

    def post(n: int) -> None:
        writer = BookWriter(busy.engine, busy.book_id)
        for _ in range(10):
            writer.post([busy.order("B", "A", "0.01", effective_at=_dated(n))])

    with ThreadPoolExecutor(4) as threads:
        posting = [threads.submit(post, n) for n in (2, 4, 6)]
        made = [_close(busy, days_ago) for days_ago in (7, 5, 3)]
        for each in posting:
            each.result()

    for closing in made:
        assert (closing.accounts, closing.seal) == _seal_of(busy, closing.closed_until_on, closing.seq)
    assert busy.faults() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE period_closings SET seal = sha256(seal)",
        "UPDATE period_closings SET accounts = accounts + 1",
        "UPDATE transfers SET booked_on = booked_on - 5 WHERE booked_on = (now() AT TIME ZONE 'UTC')::date",
    ],
)
def test_a_seal_that_no_longer_follows_is_named(busy, tampering, statement):
    closing = _close(busy, 2)
    with tampering.begin() as connection:
        assert connection.execute(sa.text(statement)).rowcount

    faults = [fault for fault in busy.faults() if fault.startswith("seals_follow_from_transfers")]

    assert len(faults) == 1
    assert f"position {closing.seq}, closed until {closing.closed_until_on}" in faults[0]
