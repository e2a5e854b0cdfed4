"""Money crosses between books on two servers: once, whatever breaks on the way, and seen from both sides."""

import random
import threading

import pytest

from ledger.book.inter_book.legs import sent_leg, still_open
from ledger.book.judging.results import Result
from ledger.book.records.accounts import Frozen
from ledger.book.records.transfers import GroupId, Kind, TransferId
from ledger.flows.inter_book_transfers import (
    InterBookOrder,
    State,
    cross,
    inter_book_transfers_from,
    resume_inter_book_transfers,
)
from ledger.kernel.errors import IdempotencyConflict, InvalidAmount, InvalidInput, NotFound, Unavailable
from ledger.kernel.ids import derived_id
from ledger.kernel.money import Money
from ledger.kernel.work import begin, read
from ledger.sandboxes.sandboxes import open_sandbox
from ledger.tenancy.partners import partner_named
from ledger.vault.vaults import VaultedDirectory
from tests.conftest import KEYRINGS

US, EU = "us", "eu"
TOUCHED = """
    SELECT sum(pg_stat_get_xact_blocks_fetched(oid)) FROM pg_class
    WHERE relname ~ '^(accounts|partners|actors|transfers|open_holds)'
"""
NOWHERE = "postgresql://postgres@127.0.0.1:1/nowhere"


def test_money_crosses_from_a_book_to_one_on_another_server(banks):
    crossing = banks.cross("30.00", "order-1")

    assert crossing.state is State.DONE
    assert (banks.stands(US, "shop:a"), banks.stands(EU, "shop:b")) == (("70.00", "70.00"), ("30.00", "30.00"))
    assert banks.zero() == []
    banks.assert_audited()


def test_both_sides_name_the_crossing_each_other_and_each_others_position(banks):
    crossing = banks.cross("30.00", "order-1")

    hold, end = banks.run(US, "SELECT * FROM transfers WHERE group_id IS NOT NULL ORDER BY seq")
    (paid,) = banks.run(EU, "SELECT * FROM transfers WHERE group_id IS NOT NULL")
    assert {hold.group_id, end.group_id, paid.group_id} == {crossing.inter_book_id}
    assert (banks.opened(US, hold), banks.opened(EU, paid)) == ("eu/shop/shop:b", "us/shop/shop:a")
    assert not {"shop:a", "shop:b"} & {part for leg in (hold, paid) for part in leg.counterparty.split("/")}
    assert (paid.tags, end.tags) == (f"us@{hold.seq}", f"eu@{paid.seq}")
    assert (crossing.sent_seq, crossing.received_seq, crossing.ended_seq) == (hold.seq, paid.seq, end.seq)
    assert {leg.external_ref for leg in (hold, end, paid)} == {"order-1"}


def test_a_crossing_that_is_sent_again_is_the_same_one(banks):
    first = banks.cross("30.00", "order-1")

    assert banks.cross("30.00", "order-1") == first
    assert banks.stands(EU, "shop:b") == ("30.00", "30.00")
    with pytest.raises(IdempotencyConflict, match="order-1"):
        banks.cross("31.00", "order-1")
    with pytest.raises(IdempotencyConflict, match="different_counterparty"):
        banks.cross("30.00", "order-1", to_account="shop:a")


def test_what_the_sender_has_not_got_never_leaves(banks):
    crossing = banks.cross("100.01", "order-1")

    assert (crossing.state, crossing.reason) == (State.REFUSED, Result.INSUFFICIENT_FUNDS)
    assert banks.cross("100.01", "order-1") == crossing
    assert banks.stands(US, "shop:a") == ("100.00", "100.00")
    assert banks.run(EU, "SELECT * FROM accounts WHERE kind = 'transit'") == []


@pytest.mark.parametrize(
    ("to_account", "code"),
    [
        ("shop:nobody", Result.CREDIT_ACCOUNT_NOT_FOUND),
        ("rival:c", Result.CREDIT_ACCOUNT_NOT_FOUND),
        ("shop:euro", Result.CURRENCY_MISMATCH),
    ],
)
def test_what_the_receiver_cannot_take_is_given_back(banks, to_account, code):
    crossing = banks.cross("30.00", "order-1", to_account=to_account)

    assert (crossing.state, crossing.reason) == (State.REFUSED, code)
    assert banks.cross("30.00", "order-1", to_account=to_account) == crossing
    assert banks.stands(US, "shop:a") == ("100.00", "100.00")
    assert banks.zero() == []
    banks.assert_audited()


def test_a_closed_receiver_takes_nothing(banks):
    banks.close(EU, "shop:b")

    crossing = banks.cross("30.00", "order-1")

    assert (crossing.state, crossing.reason) == (State.REFUSED, Result.CREDIT_ACCOUNT_CLOSED)
    assert banks.stands(US, "shop:a") == ("100.00", "100.00")


def test_a_frozen_receiver_takes_nothing_and_the_refusal_is_final(banks):
    banks.freeze(EU, "shop:b", Frozen.CREDITS)

    crossing = banks.cross("30.00", "order-1")
    banks.freeze(EU, "shop:b", Frozen.NONE)

    assert (crossing.state, crossing.reason) == (State.REFUSED, Result.CREDIT_ACCOUNT_FROZEN)
    assert banks.cross("30.00", "order-1") == crossing
    assert banks.stands(US, "shop:a") == ("100.00", "100.00")
    assert banks.cross("30.00", "order-2").state is State.DONE


def test_a_sender_frozen_after_the_payment_stays_under_way_until_it_is_freed(banks):
    banks.break_off("order-1", 5)
    banks.freeze(US, "shop:a", Frozen.DEBITS)

    held = [list(resume_inter_book_transfers(banks.directory)) for _ in range(3)][-1]
    stood = banks.stands(US, "shop:a")
    banks.freeze(US, "shop:a", Frozen.NONE)
    freed = list(resume_inter_book_transfers(banks.directory))

    assert [(each.state, "debit_account_frozen" in each.reason) for each in held] == [(State.UNDER_WAY, True)]
    assert stood == ("100.00", "70.00")
    assert [each.state for each in freed] == [State.DONE]
    assert banks.stands(US, "shop:a") == ("70.00", "70.00")
    assert banks.zero() == []


@pytest.mark.parametrize("to_account", ["shop:b", "shop:nobody"])
def test_a_crossing_is_carried_on_from_wherever_it_broke_off(banks, to_account):
    stages = []

    # Each attempt finds what those before it left behind, and comes one transaction further.
    for transaction in (1, 2, 2, 3, 3):
        banks.break_off("order-1", transaction, to_account=to_account)
        assert (banks.total_minor(), banks.zero()) == (20000, [])
        stages.append((banks.stands(US, "shop:a")[1], banks.stands(EU, "shop:b")[0]))
    (resumed,) = resume_inter_book_transfers(banks.directory)

    paid = "30.00" if to_account == "shop:b" else "0.00"
    assert stages == [*[("100.00", "0.00")] * 2, *[("70.00", "0.00")] * 2, ("70.00", paid)]
    assert resumed.state is (State.DONE if to_account == "shop:b" else State.REFUSED)
    assert banks.cross("30.00", "order-1", to_account=to_account) == resumed
    assert (banks.total_minor(), banks.zero()) == (20000, [])
    assert list(resume_inter_book_transfers(banks.directory)) == []
    banks.assert_audited()


def test_whatever_breaks_off_in_whatever_order_the_money_stays_the_same(banks):
    chance = random.Random(31)

    for step in range(24):
        books = chance.sample([US, EU], 2)
        accounts = dict(
            zip(("from_account", "to_account"), chance.sample(["shop:a", "shop:b", "shop:euro"], 2), strict=True)
        )
        to = {"from_book": books[0], "to_book": books[1], **accounts}
        if chance.random() < 0.5:
            banks.cross(f"{chance.randint(1, 40)}.00", f"order-{step}", **to)
        else:
            banks.break_off(f"order-{step}", chance.randint(1, 4), may_end=True, **to)
        if chance.random() < 0.2:
            list(resume_inter_book_transfers(banks.directory))
        assert (banks.total_minor(), banks.zero()) == (20000, [])

    list(resume_inter_book_transfers(banks.directory))
    assert (banks.total_minor(), banks.zero()) == (20000, [])
    banks.assert_audited()


def test_money_under_way_is_reserved_and_free_in_neither_book(banks):
    banks.break_off("order-1", 3)

    assert banks.stands(US, "shop:a") == ("100.00", "70.00")
    assert banks.stands(EU, "shop:b") == ("0.00", "0.00")
    assert [each.state for each in inter_book_transfers_from(banks.directory, US)] == [State.UNDER_WAY]


def test_many_who_carry_on_at_once_do_nothing_twice(banks):
    for number in range(3):
        banks.break_off(f"order-{number}", 2 if number else 3)
    ready, states = threading.Barrier(3), []

    def resume() -> None:
        ready.wait()
        states.extend(each.state for each in resume_inter_book_transfers(banks.directory))

    resumers = [threading.Thread(target=resume) for _ in range(3)]
    for each in resumers:
        each.start()
    for each in resumers:
        each.join()

    assert set(states) == {State.DONE}
    assert (banks.stands(US, "shop:a")[0], banks.stands(EU, "shop:b")[0]) == ("10.00", "90.00")
    assert (banks.total_minor(), banks.zero()) == (20000, [])
    banks.assert_audited()


def test_a_receiver_that_is_away_leaves_the_money_reserved_until_it_is_back(banks, database_url):
    with VaultedDirectory(database_url, {EU: NOWHERE}, keyrings=KEYRINGS) as cut_off:
        crossing = cross(cut_off, banks.order("30.00", "order-1"))
        again = cross(cut_off, banks.order("30.00", "order-1"))
        with pytest.raises(Unavailable, match="eu"):
            list(resume_inter_book_transfers(cut_off))
    stood = banks.stands(US, "shop:a")
    back = list(resume_inter_book_transfers(banks.directory))

    assert (crossing.state, again.state) == (State.UNDER_WAY, State.UNDER_WAY)
    assert "eu does not answer" in crossing.reason
    assert stood == ("100.00", "70.00")
    assert [each.state for each in back] == [State.DONE]


def test_a_partner_cannot_end_its_own_crossing_nor_touch_a_transit_account(banks):
    banks.break_off("order-1", 5)
    ((hold_id, transit_id),) = banks.run(
        US,
        "SELECT transfer_id, account_id FROM transfers t JOIN accounts a ON account_no = credit_account_no"
        " WHERE t.kind = 'hold'",
    )

    assert banks.end(US, Kind.VOID, hold_id) == Result.HOLD_NOT_FOUND
    assert banks.end(US, Kind.POST, hold_id) == Result.HOLD_NOT_FOUND
    assert banks.post(US, "shop", "shop:a", "shop:b", debit_account_id=transit_id) == Result.DEBIT_ACCOUNT_NOT_FOUND
    assert [each.state for each in resume_inter_book_transfers(banks.directory)] == [State.DONE]


def test_money_goes_to_another_partner_only_by_the_operators_order(banks):
    crossing = banks.cross("30.00", "order-1", to_account="rival:c", partner=None, across_partners=True)

    assert crossing.state is State.DONE
    assert banks.stands(EU, "rival:c") == ("30.00", "30.00")
    assert banks.zero() == []
    with pytest.raises(InvalidInput, match="operator"):
        banks.cross("30.00", "order-2", to_account="rival:c", across_partners=True)


def test_money_crosses_both_ways_and_the_accounts_net(banks):
    banks.cross("30.00", "there")
    back = InterBookOrder(EU, "shop:b", US, "shop:b", Money.parse("10.00", "USD"), "back")
    cross(banks.directory, back)

    held = "SELECT external_ref FROM accounts WHERE kind = 'transit'"
    assert (banks.run(US, held), banks.run(EU, held)) == ([("transit:eu:USD",)], [("transit:us:USD",)])
    assert banks.stands(US, "transit:eu:USD")[0] == "20.00"
    assert banks.stands(EU, "transit:us:USD")[0] == "-20.00"
    assert banks.zero() == []


def test_an_order_that_is_wrong_by_itself_writes_nothing(banks):
    wrong = [
        ({"to_book": "us"}, InvalidInput, "post a transfer"),
        ({"to_book": "mars"}, NotFound, "no book 'mars'"),
        ({"from_book": "mars"}, NotFound, "no book 'mars'"),
        ({"from_account": "shop:zz"}, NotFound, "no account"),
        ({"from_account": "rival:c"}, NotFound, "no account"),
        ({"amount": Money(0, "USD")}, InvalidAmount, "above zero"),
        ({"external_ref": ""}, InvalidInput, "reference"),
    ]

    for changed, refusal, says in wrong:
        with pytest.raises(refusal, match=says):
            banks.cross("30.00", "order-1", **changed)

    assert banks.run(US, "SELECT 1 FROM accounts WHERE kind = 'transit'") == []


def test_other_content_under_a_crossings_id_keeps_the_money_reserved(banks):
    banks.break_off("order-1", 3)
    inter_book_id = GroupId(derived_id("crossing", US, "shop", "order-1"))
    taken = TransferId(derived_id("crossing", inter_book_id, "received"))
    banks.post(EU, "shop", "shop:a", "shop:b", transfer_id=taken)

    (crossing,) = resume_inter_book_transfers(banks.directory)

    assert crossing.state is State.UNDER_WAY
    assert "the operator has decided" in crossing.reason
    assert banks.stands(US, "shop:a") == ("100.00", "70.00")


def test_one_crossing_among_many_is_found_in_a_few_pages(banks):
    banks.cross("30.00", "order-1")
    many = banks.hold_many(3000)

    with read(banks.engines[US]) as reader:
        before = pages_read(reader)
        leg = sent_leg(reader, 1, many[1500])
        pages = pages_read(reader) - before
        under_way = list(still_open(reader, 1))

    assert leg.transfer_id == many[1500]
    assert 0 < pages < 60
    assert len(under_way) == 3000


def pages_read(reader) -> int:
    """How many pages of tables and indexes were touched, by PostgreSQL's own count."""
    return int(reader.connection.exec_driver_sql(TOUCHED).scalar_one())


def test_no_money_crosses_between_a_sandbox_and_a_live_book(banks, directory):
    place = directory.place_of(US)
    with begin(place.engine, actor="test") as work:
        partner_id = partner_named(work.connection, place.book_id, "shop").partner_id
        sandbox = open_sandbox(work, place.book_id, partner_id)

    for changed in ({"to_book": sandbox.book.name}, {"from_book": sandbox.book.name, "from_account": "sandbox:bank"}):
        with pytest.raises(InvalidInput, match="is a sandbox"):
            banks.cross("1.00", "order-1", **changed)
    banks.assert_audited()
