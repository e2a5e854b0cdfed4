"""The zero check names what does not add up between two books, and calls nothing wrong that is only under way."""

import threading

import pytest

from ledger.book.inter_book.transits import TRANSIT
from ledger.book.judging.orders import Terms
from ledger.book.judging.results import Result
from ledger.book.records.transfers import Kind
from ledger.flows.inter_book_transfers import State
from ledger.flows.zero_check import zero_check
from ledger.public_ids import public
from ledger.tenancy.directory import Directory

US, EU = "us", "eu"


def test_books_without_crossings_have_nothing_to_compare(banks):
    assert list(zero_check(banks.directory)) == []


def test_what_is_in_transit_is_told_with_what_is_under_way(banks):
    banks.cross("20.00", "order-1")
    banks.break_off("order-2", 2)
    banks.break_off("order-3", 3)

    (finding,) = zero_check(banks.directory)

    assert finding.ok
    assert finding.detail == "eu and us: -50.00 USD against 20.00 USD, 2 under way with 60.00 USD"


@pytest.mark.parametrize(
    ("book", "tampering", "says"),
    [
        (EU, "DELETE FROM transfers WHERE kind = 'transfer' AND group_id IS NOT NULL", "and never received"),
        (US, "DELETE FROM transfers WHERE group_id IS NOT NULL", "and never sent"),
        (EU, "UPDATE transfers SET amount_minor = 3100 WHERE group_id IS NOT NULL", "received 31.00 USD"),
        (US, "UPDATE transfers SET amount_minor = 2900 WHERE kind = 'post'", "sent 29.00 USD"),
        (US, "UPDATE transfers SET kind = 'void' WHERE kind = 'post'", "received at 14 as well"),
        (EU, "UPDATE transfers SET debit_account_credits_minor = 7 WHERE group_id IS NOT NULL", "0.07 USD on"),
    ],
)
def test_a_leg_that_was_lost_or_changed_is_named(banks, book, tampering, says):
    crossing = banks.cross("30.00", "order-1")
    banks.cross("10.00", "order-2", to_account="shop:nobody")

    banks.run(book, tampering)

    (finding,) = banks.zero()
    assert says in finding
    assert public("group", crossing.inter_book_id) in finding or "transit account" in finding


def test_a_return_that_nothing_refused_is_named(banks):
    crossing = banks.cross("30.00", "order-1", to_account="shop:nobody")

    banks.run(EU, "DELETE FROM refused_transfers")

    (finding,) = banks.zero()
    assert "never refused" in finding
    assert public("group", crossing.inter_book_id) in finding


def test_what_is_moved_on_a_transit_account_outside_a_crossing_is_named(banks):
    banks.cross("30.00", "order-1")
    ((transit_id,),) = banks.run(US, "SELECT account_id FROM accounts WHERE kind = 'transit'")

    by_the_operator = {"credit_account_id": transit_id, "across_partners": True}
    assert banks.post(US, "shop", "shop:a", "shop:b", amount_minor=500, **by_the_operator) is Result.CREATED

    (finding,) = banks.zero()
    assert "5.00 USD on the transit accounts follows from no inter-book transfer" in finding
    assert "position 16 of us is on a transit account" in finding


def test_a_foreign_hold_that_bears_a_crossings_id_is_named(banks):
    crossing = banks.cross("30.00", "order-1")
    ((transit_id,),) = banks.run(US, "SELECT account_id FROM accounts WHERE kind = 'transit'")

    false = {"credit_account_id": transit_id, "group_id": crossing.inter_book_id, "terms": Terms(kind=Kind.HOLD)}
    assert banks.post(US, TRANSIT, "shop:a", "shop:b", amount_minor=5, across_partners=True, **false) == Result.CREATED

    (finding,) = banks.zero()
    assert "has its id, but is not a leg of it" in finding


def test_a_book_that_is_away_is_a_finding_and_no_fault(banks, database_url):
    banks.cross("30.00", "order-1")

    with Directory(database_url, {EU: "postgresql://postgres@127.0.0.1:1/nowhere"}) as cut_off:
        findings = list(zero_check(cut_off))

    assert [finding.ok for finding in findings] == [False, False]
    assert all("eu does not answer" in finding.detail for finding in findings)


def test_nothing_is_called_wrong_while_crossings_go_on(banks):
    ended, states, found = threading.Event(), [], []

    def check() -> None:
        while not ended.is_set():
            found.extend(banks.zero())

    checker = threading.Thread(target=check)
    checker.start()
    for number in range(18):
        to_account = "shop:nobody" if number % 3 == 0 else "shop:b"
        states.append(banks.cross("1.00", f"order-{number}", to_account=to_account).state)
    ended.set()
    checker.join()

    assert found == []
    assert (states.count(State.DONE), states.count(State.REFUSED)) == (12, 6)
