"""Facts that are not money share the batches of transfers: whole with their orders, beside those of others, or not."""

import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.book.judging.results import Result
from ledger.book.posting.committer import Committer
from ledger.book.posting.side_facts import SideFacts
from ledger.book.posting.writer import BookWriter
from ledger.book.records.accounts import AccountTerms
from ledger.journal.fact_orders import FactOrder, stated
from ledger.journal.journal import Draft, draft
from ledger.kernel.errors import IllegalTransition
from ledger.kernel.ids import new_id
from ledger.outbox.records import Endpoint
from tests.ledger.conftest import Shop


@pytest.fixture
def committer(shop: Shop) -> Iterator[Committer]:
    shop.open("world 0.00 USD\nA 10.00 USD")
    made = Committer(shop.engine, shop.book_id)
    yield made
    made.close()


def _fact(shop: Shop, reason: str = "test") -> Draft:
    values = {"endpoint_id": new_id(), "partner_id": shop.partner_id, "address": "https://shop.example/"}
    settings = ("event_types", "is_ordered", "concurrency", "is_paused", "secret", "previous_secret")
    values |= dict.fromkeys((*settings, "previous_secret_until_at"))
    return draft(Endpoint, **values, is_active=True, actor="test", reason=reason)


def _refusing(_work, _batch):
    raise IllegalTransition("it ended meanwhile")


def _facts(shop: Shop) -> list[str]:
    with shop.engine.connect() as connection:
        return list(connection.execute(sa.text("SELECT reason FROM endpoints ORDER BY seq")).scalars())


def _batches(shop: Shop) -> int:
    with shop.engine.connect() as connection:
        return connection.execute(sa.text("SELECT count(*) FROM journal_batches")).scalar_one()


def test_facts_and_transfers_that_wait_together_are_one_batch(shop, committer):
    before = _batches(shop)

    answers = [committer.submit((), stated(_fact(shop))) for _ in range(20)]
    answers.append(committer.submit([shop.order("A", "world", "1.00")]))
    outcomes = [answer.result(30) for answer in answers]

    assert outcomes[:-1] == [[]] * 20
    assert outcomes[-1][0].result is Result.CREATED
    assert _batches(shop) - before <= 2  # the first fact may have been alone for longer than it waits
    assert (len(_facts(shop)), shop.faults()) == (20, [])


def test_the_facts_of_an_order_stand_behind_it_in_its_own_batch(shop, committer):
    before = _batches(shop)

    committer.submit([shop.order("A", "world", "1.00")], stated(_fact(shop, "with money"))).result(30)

    assert (_batches(shop) - before, _facts(shop)) == (1, ["with money"])


def test_an_order_that_is_refused_or_sent_again_records_no_facts(shop, committer):
    order = shop.order("A", "world", "1.00")

    results = [
        committer.submit([each], stated(_fact(shop, name))).result(30)[0].result
        for each, name in [(order, "first"), (order, "again"), (shop.order("A", "world", "99.00"), "refused")]
    ]

    assert results == [Result.CREATED, Result.EXISTS, Result.INSUFFICIENT_FUNDS]
    assert _facts(shop) == ["first"]


def test_facts_that_are_refused_leave_the_money_of_their_request_unmoved_and_that_of_others_moved(shop, committer):
    answers = [
        committer.submit([shop.order("A", "world", "1.00")]),
        committer.submit([shop.order("A", "world", "2.00")], FactOrder(_refusing)),
        committer.submit([shop.order("A", "world", "3.00")], stated(_fact(shop))),
    ]

    with pytest.raises(IllegalTransition, match="ended meanwhile"):
        answers[1].result(30)
    assert [answers[n].result(30)[0].result for n in (0, 2)] == [Result.CREATED, Result.CREATED]
    assert (shop.has("A"), len(_facts(shop)), shop.faults()) == ("A 6.00", 1, [])


def test_facts_alone_that_are_refused_break_nobody_elses_batch(shop, committer):
    refused = committer.submit((), FactOrder(_refusing))
    accepted = committer.submit([shop.order("A", "world", "1.00")])

    with pytest.raises(IllegalTransition):
        refused.result(30)
    assert accepted.result(30)[0].result is Result.CREATED


def test_two_fact_orders_about_one_thing_see_each_others_facts(shop, committer):
    thing, seen = new_id(), []

    def once(work, _batch):
        seen.append(work.connection.execute(sa.text("SELECT count(*) FROM endpoints")).scalar_one())
        return [_fact(shop)] if seen[-1] == 0 else []

    for answer in [committer.submit((), FactOrder(once, about=thing)) for _ in range(10)]:
        answer.result(30)

    assert (seen, len(_facts(shop))) == ([0, *[1] * 9], 1)


def test_what_the_writer_remembers_of_accounts_outlives_facts_of_its_own_and_of_other_processes(shop):
    shop.open("world 0.00 USD\nA 10.00 USD")
    writer, other = BookWriter(shop.engine, shop.book_id), BookWriter(shop.engine, shop.book_id)
    writer.post([shop.order("A", "world", "1.00")])
    asked = _watch_account_reads(writer)

    writer.post([], [SideFacts(stated(_fact(shop)), slice(0, 0))])
    other.post([], [SideFacts(stated(_fact(shop)), slice(0, 0))])
    (outcome,) = writer.post([shop.order("A", "world", "1.00")])

    assert (outcome.result, asked) == (Result.CREATED, [])


def _watch_account_reads(writer: BookWriter) -> list[int]:
    """Every time that the writer asks the store for accounts, from here on."""
    asked: list[int] = []
    memory = writer._cache  # noqa: SLF001  # what it remembers is what is asked for
    learn, known = memory.learn_accounts, len(memory.accounts)

    def watched(*asking, **beside):
        before = len(memory.accounts)
        learn(*asking, **beside)
        if len(memory.accounts) != before or before < known:
            asked.append(len(memory.accounts))

    memory.learn_accounts = watched
    return asked


def test_a_fact_that_the_writer_judges_by_is_no_side_fact(shop, committer):
    terms = draft(
        AccountTerms, account_id=shop.account("A"), partner_id=shop.partner_id, debits_within_credits=False,
        credits_within_debits=False, credit_line_minor=0, frozen="none", actor="test", reason="test",
    )  # fmt: skip

    with pytest.raises(AssertionError, match="a flow of its own"):
        committer.submit((), stated(terms)).result(30)


def test_facts_alone_wait_a_moment_for_money_and_no_longer(shop, committer):
    done = threading.Event()

    committer.submit((), stated(_fact(shop))).add_done_callback(lambda _answer: done.set())

    assert done.wait(10)


ASKED = st.lists(
    st.sampled_from(["good", "poor", "resent", "alone", "alone, refused", "good, refused"]), min_size=1, max_size=12
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=ASKED)
def test_whatever_is_asked_for_together_facts_stand_or_fall_with_their_orders(shop, committer, asked):
    before, orders, answers, expected = len(_facts(shop)), [], [], []
    for kind in asked:
        facts = FactOrder(_refusing) if "refused" in kind else stated(_fact(shop, kind))
        if kind.startswith("alone"):
            wanted = []
        elif kind == "resent" and orders:
            wanted = [orders[0]]
        else:
            wanted = [shop.order("A", "world", "99999.00" if kind == "poor" else "0.01")]
            orders += wanted if kind == "good" else []
        answers.append((kind, committer.submit(wanted, facts)))
        is_recorded = kind in ("good", "alone") or (kind == "resent" and wanted != orders[:1])
        expected += [kind] if is_recorded else []

    refused = [kind for kind, answer in answers if answer.exception(30) is not None]

    assert refused == [kind for kind in asked if "refused" in kind]
    assert sorted(_facts(shop)[before:]) == sorted(expected)
    assert shop.faults() == []
