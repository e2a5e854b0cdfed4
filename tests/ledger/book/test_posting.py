"""Posting on a real PostgreSQL: concurrency, retries, resends, and the group committer."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from ledger.book import balances
from ledger.book.audit import audit
from ledger.book.committer import Committer
from ledger.book.orders import TransferOrder
from ledger.book.posting import post
from ledger.book.results import Outcome, Result
from ledger.book.transfers import transfers_page
from ledger.kernel.errors import IdempotencyConflict, Unavailable
from ledger.kernel.ids import TransferId, new_id
from ledger.kernel.sql import create_engine
from ledger.kernel.work import begin, read
from ledger.partners.books import open_book


def _order(book, debit: str, credit: str, minor: int = 1, **fields) -> TransferOrder:
    order = TransferOrder(
        TransferId(new_id()), book.partner_id, book.account_id(debit), book.account_id(credit), minor, "USD", "test"
    )
    return order._replace(**fields)


def _assert_sound(book) -> None:
    with read(book.engine) as reader:
        assert [finding for finding in audit(reader, book.book_id) if not finding.ok] == []


def test_writers_in_opposing_directions_never_deadlock_and_lose_nothing(book):
    book.check("\n".join(f"open {name} 1000.00 USD" for name in "ABCDE"))

    def write(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(30):
            pairs = [chance.sample("ABCDE", 2) for _ in range(5)]
            orders = [_order(book, *pair, chance.randint(0, 50)) for pair in pairs]
            post(book.engine, book.book_id, orders)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(8)))

    _assert_sound(book)
    with read(book.engine) as reader:
        views = [balances.account(reader, book.book_id, book.account_id(name)) for name in "ABCDE"]
    assert sum(view.balance.minor for view in views) == 5 * 100_000


def test_two_spends_of_an_account_that_was_never_used_cannot_both_pass(book):
    for n in range(20):
        book.check(f"open P{n} 2.00 USD\n open Q{n} 0.00 USD")
        orders = [_order(book, f"P{n}", f"Q{n}", 200) for _ in range(2)]
        with ThreadPoolExecutor(2) as threads:
            outcomes = list(threads.map(lambda order: post(book.engine, book.book_id, [order])[0], orders))

        assert sorted(outcome.result for outcome in outcomes) == [Result.CREATED, Result.INSUFFICIENT_FUNDS]


def test_one_id_from_many_writers_is_posted_once(book):
    book.check("open A 100.00 USD\n open B 0.00 USD\n open C 100.00 USD")
    order = _order(book, "A", "B", 7)
    outcomes: list[Outcome] = []

    def send(n: int) -> None:
        mine = order if n % 2 else order._replace(debit_account_id=book.account_id("C"))
        outcomes.extend(post(book.engine, book.book_id, [mine]))

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(send, range(16)))

    results = [outcome.result for outcome in outcomes]
    assert results.count(Result.CREATED) == 1
    assert set(results) == {Result.CREATED, Result.EXISTS, Result.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT}
    assert len({outcome.seq for outcome in outcomes}) == 1
    _assert_sound(book)


def test_a_resend_gives_the_original_position_and_the_original_refusal(book):
    book.check("open A 1.00 USD\n open B 0.00 USD")
    fine, poor = _order(book, "A", "B", 100), _order(book, "A", "B", 100)
    first = post(book.engine, book.book_id, [fine, poor])

    again = post(book.engine, book.book_id, [fine, poor])

    assert first[0] == Outcome(Result.CREATED, first[0].seq, amount_minor=100)
    assert first[1] == Outcome(Result.INSUFFICIENT_FUNDS, first[0].seq + 1)
    assert again[0] == Outcome(Result.EXISTS, first[0].seq)
    assert again[1] == Outcome(Result.ID_ALREADY_FAILED, first[1].seq, Result.INSUFFICIENT_FUNDS)


def test_effective_time_defaults_to_recording_and_lies_never_ahead(book):
    book.check("open A 9.00 USD\n open B 0.00 USD")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    past = datetime.now(UTC).replace(hour=23, minute=59, second=0, microsecond=0) - timedelta(days=200)
    now_order, past_order = _order(book, "A", "B"), _order(book, "A", "B", effective_at=past)

    ahead = post(book.engine, book.book_id, [_order(book, "A", "B", effective_at=tomorrow)])
    post(book.engine, book.book_id, [now_order, past_order])

    assert ahead == [Outcome(Result.EFFECTIVE_IN_FUTURE)]
    with read(book.engine) as reader:
        dated, undated, *_ = [view.transfer for view in transfers_page(reader, book.book_id)]
    assert (dated.effective_at, dated.booked_on.isoformat()) == (past, past.date().isoformat())
    assert undated.effective_at == undated.recorded_at
    again = post(book.engine, book.book_id, [now_order, past_order, now_order._replace(effective_at=past)])
    assert [o.result for o in again] == ["exists", "exists", "exists_with_different_effective_time"]


def test_balances_at_every_position_are_the_fold_up_to_there(book):
    book.check("open A 10.00 USD\n open B 0.00 USD")
    with read(book.engine) as reader:
        start = balances.account(reader, book.book_id, book.account_id("A"))
    outcomes = post(book.engine, book.book_id, [_order(book, "A", "B", n) for n in range(1, 6)])

    with read(book.engine) as reader:
        view = balances.account(reader, book.book_id, book.account_id("A"))
        then = [balances.account_at(reader, view, outcome.seq).balance.minor for outcome in outcomes]
        before = balances.account_at(reader, view, start.as_of_seq)

    assert then == [999, 997, 994, 990, 985]
    assert before.balance == start.balance


def test_the_committer_answers_each_of_many_threads_in_few_batches(book):
    book.check("open A 1000.00 USD\n open B 0.00 USD")
    committer = Committer(book.engine, book.book_id)
    futures = [committer.submit([_order(book, "A", "B"), _order(book, "B", "A")]) for _ in range(200)]

    results = [[outcome.result for outcome in future.result(timeout=30)] for future in futures]
    committer.close()

    assert results == [[Result.CREATED, Result.CREATED]] * 200
    with book.engine.connect() as connection:
        batches = connection.execute(sa.text("SELECT count(*) FROM journal_batches")).scalar_one()
    assert batches < 50
    with pytest.raises(Unavailable):
        committer.submit([_order(book, "A", "B")]).result(timeout=1)


def test_a_store_that_is_gone_is_a_refusal_that_says_to_retry(book):
    gone = create_engine("postgresql://nobody@127.0.0.1:1/none")

    with pytest.raises(Unavailable, match="send the same orders again"):
        post(gone, book.book_id, [_order(book, "A", "B")])
    gone.dispose()


def test_a_book_opened_twice_is_one_book_and_its_terms_stand(engine):
    with begin(engine, actor="t") as work:
        first = open_book(work, name="one", jurisdiction="US", currency="USD")
        assert open_book(work, name="one", jurisdiction="US", currency="USD") == first
        with pytest.raises(IdempotencyConflict, match="under US in USD already"):
            open_book(work, name="one", jurisdiction="US", currency="EUR")


def test_a_partner_may_date_back_a_year_and_the_operator_any_time(book):
    book.check("open A 9.00 USD\n open B 0.00 USD")
    ages = {366: Result.CREATED, 367: Result.EFFECTIVE_TOO_EARLY}
    now = datetime.now(UTC)

    for days, expected in ages.items():
        old = _order(book, "A", "B", effective_at=now - timedelta(days=days) + timedelta(minutes=1))
        assert post(book.engine, book.book_id, [old])[0].result is expected
    ancient = _order(book, "A", "B", effective_at=datetime(1993, 1, 1, tzinfo=UTC), across_partners=True)
    assert post(book.engine, book.book_id, [ancient])[0].result is Result.CREATED
