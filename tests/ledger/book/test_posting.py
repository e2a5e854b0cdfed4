"""Posting on a real PostgreSQL: concurrency, retries, resends, and the group committer."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event

import pytest
import sqlalchemy as sa

from ledger.book.audits.audit import audit
from ledger.book.judging.orders import Terms, TransferOrder
from ledger.book.judging.results import LASTING, Outcome, Result
from ledger.book.posting.committer import Committer
from ledger.book.posting.posting import post
from ledger.book.posting.writer import BookWriter
from ledger.book.reading import balances
from ledger.book.reading.account_history import account_at
from ledger.book.reading.transfers import transfers_page
from ledger.book.records.transfers import Kind, TransferId
from ledger.journal import journal
from ledger.kernel.engines import create_engine
from ledger.kernel.errors import IdempotencyConflict, NotStorable, Unavailable
from ledger.kernel.ids import new_id
from ledger.kernel.pages import Slice
from ledger.kernel.work import begin, read
from ledger.records import FACTS
from ledger.tenancy.books import open_book

RACES = 200
"""How many accounts that were never used are raced for."""


def _order(book, debit: str, credit: str, minor: int = 1, **fields) -> TransferOrder:
    order = TransferOrder(
        TransferId(new_id()), book.partner_id, book.account_id(debit), book.account_id(credit), minor, "USD", "test"
    )
    return order._replace(**fields)


def _assert_sound(book) -> None:
    with read(book.engine) as reader:
        assert [finding for finding in audit(reader, book.book_id) if not finding.ok] == []


def _race(*jobs):
    """Run the jobs at the same time, each in its own thread; their answers, or what the first raised."""
    with ThreadPoolExecutor(len(jobs)) as threads:
        return [answer.result(60) for answer in [threads.submit(job) for job in jobs]]


def _watch(book, stop: Event) -> int:
    """Look again and again; how often. In each snapshot the total is zero and every new position has one fact."""
    looks = after = 0
    tables = " UNION ALL ".join(f"SELECT seq FROM {record.TABLE} WHERE seq > {{after}}" for record in FACTS)
    while not stop.is_set() or not looks:
        with read(book.engine) as reader:
            head = journal.head(reader.connection, book.book_id)
            views = balances.accounts_page(reader, book.book_id, Slice(limit=100))
            fed = reader.connection.exec_driver_sql(tables.format(after=after) + " ORDER BY seq").scalars().all()
        assert sum(view.balance.minor for view in views) == 0
        assert sum(view.sums.pending_debits - view.sums.pending_credits for view in views) == 0
        assert fed == list(range(after + 1, head.last_seq + 1))
        looks, after = looks + 1, head.last_seq
    return looks


def test_writers_in_opposing_directions_never_deadlock_and_lose_nothing(book):
    """Cases 23, 24 and 29: lasting writers, writers for one batch, and a reader who follows the feed all the while."""
    book.check("\n".join(f"open {name} 1000.00 USD" for name in "ABCDE"))
    stop = Event()

    def write(seed: int) -> None:
        chance, writer = random.Random(seed), BookWriter(book.engine, book.book_id)
        for _ in range(25):
            pairs = [chance.sample("ABCDE", 2) for _ in range(5)]
            orders = [_order(book, *pair, chance.randint(0, 50_000)) for pair in pairs]
            held = [order._replace(terms=Terms(Kind.HOLD)) if chance.random() < 0.3 else order for order in orders]
            writer.post(held) if seed % 2 else post(book.engine, book.book_id, held)

    with ThreadPoolExecutor(1) as reader:
        looks = reader.submit(_watch, book, stop)
        try:
            _race(*(lambda seed=seed: write(seed) for seed in range(6)))
        finally:
            stop.set()
        assert looks.result(60) > 5

    _assert_sound(book)


def test_a_batch_that_is_rolled_back_leaves_no_gap_behind_it(book):
    """Case 29: a number that was taken and not used is taken by the next."""
    book.check("open A 9.00 USD\n open B 0.00 USD")
    with book.engine.connect() as connection:
        before = journal.head(connection, book.book_id).last_seq

    with pytest.raises(NotStorable):
        post(book.engine, book.book_id, [_order(book, "A", "B"), _order(book, "A", "B", tags="\0")])
    outcome = post(book.engine, book.book_id, [_order(book, "A", "B")])[0]

    with book.engine.connect() as connection:
        (actor,) = connection.exec_driver_sql("SELECT seq FROM actors WHERE name = 'system'").scalars()
    assert outcome.seq - before in (1, 2)
    assert actor <= outcome.seq
    _assert_sound(book)


def test_two_spends_of_an_account_that_was_never_used_cannot_both_pass(book):
    """Case 22: two hundred accounts with a credit line, each raced for from two connections."""
    names = [f"N{n}" for n in range(RACES)]
    book.check("open B 0.00 USD\n" + "\n".join(f"open {name} 0.00 USD line=200.00" for name in names))
    barrier = Barrier(2)

    def spend() -> list[Result]:
        results = []
        for name in names:
            barrier.wait(60)
            (outcome,) = post(book.engine, book.book_id, [_order(book, name, "B", 20_000)])
            results.append(outcome.result)
        return results

    for pair in zip(*_race(spend, spend), strict=True):
        assert sorted(pair) == [Result.CREATED, Result.INSUFFICIENT_FUNDS]
    _assert_sound(book)


def test_of_six_holds_raced_for_a_balance_of_five_exactly_five_stand(book):
    """Case 14."""
    book.check("open A 5000.00 USD\n open B 0.00 USD")
    holds = [_order(book, "A", "B", 100_000, terms=Terms(Kind.HOLD)) for _ in range(6)]

    outcomes = _race(*(lambda hold=hold: post(book.engine, book.book_id, [hold])[0] for hold in holds))

    results = [outcome.result for outcome in outcomes]
    assert sorted(results) == [Result.CREATED] * 5 + [Result.INSUFFICIENT_FUNDS]
    _assert_sound(book)


def test_a_hold_that_is_posted_and_voided_at_once_ends_once(book):
    """Case 11, raced."""
    book.check("open A 100.00 USD\n open B 0.00 USD")
    for n in range(10):
        book.check(f"hold A -> B 1.00 h{n} ok")
        hold_id = book.orders.transfer_id(f"h{n}")
        ends = [_order(book, "A", "B", 100, terms=Terms(kind, hold_id)) for kind in (Kind.POST, Kind.VOID, Kind.POST)]
        outcomes = _race(*(lambda end=end: post(book.engine, book.book_id, [end])[0] for end in ends))

        assert [outcome.result for outcome in outcomes].count(Result.CREATED) == 1
    _assert_sound(book)


def test_ids_sent_again_with_other_content_from_many_threads_succeed_once(book):
    """Case 25: every answer about an id agrees with what is recorded under it."""
    book.check("open A 100.00 USD\n open B 0.00 USD\n open C 100.00 USD")
    ids = [TransferId(new_id()) for _ in range(20)]

    def send(seed: int) -> list[tuple[TransferOrder, Outcome]]:
        chance, sent = random.Random(seed), []
        writer = BookWriter(book.engine, book.book_id)
        for _ in range(15):
            chosen = chance.choices(ids, k=4)
            orders = [_order(book, chance.choice("AC"), "B", chance.choice([1, 2, 20_000])) for _ in chosen]
            orders = [order._replace(transfer_id=i) for order, i in zip(orders, chosen, strict=True)]
            outcomes = writer.post(orders)
            sent += [(order, outcome) for order, outcome in zip(orders, outcomes, strict=True)]
        return sent

    sent = [pair for answers in _race(*(lambda n=n: send(n) for n in range(4))) for pair in answers]

    for transfer_id in ids:
        about = [(order, outcome) for order, outcome in sent if order.transfer_id == transfer_id]
        decided = [pair for pair in about if pair[1].result in LASTING | {Result.CREATED}]
        assert len(decided) == 1
        assert {outcome.seq for _, outcome in about} == {decided[0][1].seq}
        same = {order: outcome.result for order, outcome in about if order == decided[0][0]}
        assert set(same.values()) <= {Result.CREATED, Result.EXISTS, Result.ID_ALREADY_FAILED} | LASTING
    _assert_sound(book)


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

    assert first[0] == Outcome(Result.CREATED, first[0].seq, amount_minor=100, recording=first[0].recording)
    assert first[1] == Outcome(Result.INSUFFICIENT_FUNDS, first[0].seq + 1, recording=first[0].recording)
    assert again[0] == Outcome(Result.EXISTS, first[0].seq, amount_minor=100)
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
        then = [account_at(reader, view, outcome.seq).balance.minor for outcome in outcomes]
        before = account_at(reader, view, start.as_of_seq)

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
