"""The naive model itself, held against the cases that the field's best ledger publishes."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from ledger.book.judging.orders import WHOLE_HOLD, Condition, Terms, TransferOrder
from tests.laws.naive_book import Account, Monitor, NaiveBook

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SHOP, ZERO = UUID(int=1), UUID(int=0)
A, B, WORLD = UUID(int=100), UUID(int=101), UUID(int=102)


@pytest.fixture
def book():
    made = NaiveBook()
    for account_id, limited in ((A, True), (B, True), (WORLD, False)):
        made.open_account(account_id, Account(SHOP, "USD", debits_within_credits=limited), NOW)
    return made


def order(number, debit, credit, amount, **terms):
    """A transfer with a small number as its id; fields of the order and of its terms by name."""
    fields = {name: terms.pop(name) for name in list(terms) if name in TransferOrder._fields}
    inherited = ("", "") if terms.get("kind") in ("post", "void") else ("USD", "test")
    if "hold_id" in terms:
        terms["hold_id"] = UUID(int=terms["hold_id"])
    return TransferOrder(UUID(int=number), SHOP, debit, credit, amount, *inherited, **fields, terms=Terms(**terms))


def resolve(number, hold, kind, amount):
    return order(number, ZERO, ZERO, amount, kind=kind, hold_id=hold)


def test_the_first_sixteen_of_a_thousand_succeed_and_a_credit_lets_one_more_pass(book):
    book.post([order(1, WORLD, A, 16)], NOW)
    spends = [order(n, A, B, 1) for n in range(10, 60)]

    results = book.post([*spends[:30], order(2, WORLD, A, 1), *spends[30:]], NOW)

    assert [place for place, result in enumerate(results) if result == "created"] == [*range(16), 30, 31]


def test_a_hold_reserves_a_post_moves_part_and_releases_the_rest(book):
    book.post([order(1, WORLD, A, 123), order(2, A, B, 123, kind="hold")], NOW)
    assert book.balance(A) == (0, 123, 123, 0)

    assert book.post([resolve(3, 2, "post", 100), resolve(4, 2, "void", 0)], NOW) == ["created", "hold_already_posted"]

    assert book.balance(A) == (100, 123, 0, 0)
    assert book.balance(B) == (0, 100, 0, 0)
    assert book.balance(A, book.transfers[UUID(int=2)].seq) == (0, 123, 123, 0)


def test_pending_credits_are_not_spendable(book):
    book.post([order(1, WORLD, A, 100, kind="hold")], NOW)

    assert book.post([order(2, A, B, 1)], NOW) == ["insufficient_funds"]


def test_holds_expire_in_order_of_deadline_and_a_late_post_finds_them_expired(book):
    book.post([order(1, WORLD, A, 46)], NOW)
    holds = [(10, 10, 0), (11, 11, 1), (12, 12, 2), (13, 13, 3)]
    book.post([order(n, A, B, amount, kind="hold", timeout_s=s) for n, amount, s in holds], NOW)

    pending = []
    for second in (1, 2, 3):
        book.post([], NOW + timedelta(seconds=second, milliseconds=1))
        pending.append(book.balance(A)[2])

    assert pending == [35, 23, 10]
    late = [resolve(21, 11, "post", WHOLE_HOLD), resolve(22, 10, "post", WHOLE_HOLD)]
    assert book.post(late, NOW + timedelta(seconds=4)) == ["hold_expired", "created"]


def test_balancing_moves_what_there_is_and_its_resend_asks_for_the_same(book):
    book.post([order(1, WORLD, A, 10), order(2, A, B, 1, kind="hold")], NOW)

    moved = [order(n, A, B, amount, balancing="debit") for n, amount in ((3, 3), (4, 13), (5, 1))]
    assert book.post(moved, NOW) == ["created"] * 3

    assert [book.transfers[UUID(int=n)].amount for n in (3, 4, 5)] == [3, 6, 0]
    again = [order(3, A, B, amount, balancing="debit") for amount in (2, 3, 4)]
    assert book.post(again, NOW) == [
        "exists_with_different_amount",
        "exists",
        "exists_with_different_content",
    ]


def test_a_failed_id_stays_failed_and_a_malformed_one_stays_free(book):
    assert book.post([order(1, A, B, 10), order(2, A, B, -1)], NOW) == ["insufficient_funds", "amount_negative"]
    book.post([order(3, WORLD, A, 100)], NOW)

    assert book.post([order(1, A, B, 10), order(2, A, B, 10)], NOW) == ["id_already_failed", "created"]


def test_a_group_stands_or_falls_and_what_fell_for_the_state_of_the_book_is_bound(book):
    book.post([order(1, WORLD, A, 20)], NOW)
    group = {"group_id": UUID(int=50), "group_size": 2}

    assert book.post([order(2, A, B, 15, **group), order(3, A, B, 6, **group)], NOW) == [
        "linked_failed",
        "insufficient_funds",
    ]
    assert book.post([order(2, A, B, 15, **group)], NOW) == ["group_incomplete"]
    assert book.post([order(2, A, B, 15)], NOW) == ["exists_with_different_content"]
    assert book.post([order(2, A, B, 15, **group), order(4, A, B, 5, **group)], NOW) == [
        "linked_failed",
        "exists_with_different_group",
    ]
    assert book.post([order(4, A, B, 15, **group), order(5, A, B, 5, **group)], NOW) == ["created", "created"]
    assert book.balance(A) == (20, 20, 0, 0)


def test_a_closing_hold_closes_and_its_void_reopens(book):
    book.post([order(1, WORLD, A, 10), order(2, A, B, 1, kind="hold")], NOW)
    book.post([order(3, A, B, 0, kind="hold", closes="debit")], NOW)

    shut = [order(4, A, B, 1), order(5, WORLD, A, 1), resolve(6, 2, "post", 1), resolve(7, 2, "void", 0)]
    assert book.post(shut, NOW) == [
        "debit_account_closed",
        "credit_account_closed",
        "debit_account_closed",
        "created",
    ]
    assert book.post([resolve(8, 3, "void", 0), order(9, A, B, 1)], NOW) == ["created", "created"]


def test_frozen_closed_period_and_conditions_refuse(book):
    book.set_terms(B, NOW, frozen="debits", credit_line_minor=5)
    book.close_period(date(2026, 4, 30), NOW)
    low = Terms(conditions=(Condition("debit", "posted", at_least=0),))

    results = book.post(
        [
            order(1, B, A, 1),
            order(2, WORLD, B, 1, effective_at=NOW - timedelta(days=1)),
            order(3, WORLD, B, 1)._replace(terms=low),
            order(4, WORLD, B, 1, is_forced=True)._replace(terms=low._replace(is_forced=True)),
        ],
        NOW,
    )

    assert results == ["debit_account_frozen", "period_closed", "condition_failed", "created"]


def test_a_monitor_records_its_event_behind_the_transfer_that_made_it_true(book):
    book.add_monitor(Monitor(UUID(int=7), A, "posted", "above", 9), NOW)
    book.post([order(9, WORLD, B, 0)], NOW)
    start = book.position

    book.post([order(1, WORLD, A, 6), order(2, WORLD, A, 6), order(3, WORLD, A, 6), order(4, A, B, 9)], NOW)
    book.post([order(5, WORLD, A, 1)], NOW)

    assert [place - start for place, _ in book.events] == [3, 7]
    assert book.transfers[UUID(int=3)].seq == start + 4


def test_time_never_goes_back_and_a_batch_that_records_nothing_moves_nothing(book):
    book.post([order(1, WORLD, A, 1)], NOW)
    stamp, position = book.time, book.position

    book.post([order(1, WORLD, A, 1), order(2, A, B, -1)], NOW + timedelta(days=1))
    assert (book.time, book.position) == (stamp, position)

    book.post([order(3, WORLD, A, 1)], NOW - timedelta(days=1))
    assert book.transfers[UUID(int=3)].recorded_at == stamp + timedelta(microseconds=1)
