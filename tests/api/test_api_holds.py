"""Holds over HTTP: reserved, posted, voided, expired without traffic; conditions; closing and reopening accounts."""

import time
from uuid import uuid4

import pytest

from ledger.book.posting.open_holds import HOLD_TIMER
from ledger.kernel.engines import create_engine
from ledger.public_ids import public
from ledger.timers.sweeper import Sweeper

ANSWER = """
    ... on PostedTransfers {
      position
      transfers {
        id kind state holdId expiresAt amount { decimal } code counterparty tags balancing closes externalRef bookedOn
      }
    }
    ... on InvalidInput { index }
    ... on TransferRefused { position }
    ... on HoldNotOpen { index position }
"""


@pytest.fixture
def bank(shop):
    return shop.account("bank")


@pytest.fixture
def wallet(shop, bank):
    """A customer's account with 10.00 USD."""
    wallet = shop.account("wallet", "CUSTOMER")
    shop.move((bank, wallet, "1000"), key="top up")
    return wallet


@pytest.fixture
def mutate(shop):
    """Call a mutation with an input, under a key."""

    def call(name, key, caller=shop, **wanted):
        return caller.mutate(name, ANSWER, key=key, **wanted)

    return call


@pytest.fixture
def standing(shop):
    """What stands on the customer's account: posted, available, held."""

    def read():
        query = (
            '{ account(externalRef: "shop:wallet") { balance { decimal } available { decimal } pending { decimal } } }'
        )
        return tuple(each["decimal"] for each in shop.ask(query)["account"].values())

    return read


@pytest.fixture
def hold(shop, wallet, bank):
    """Hold 6.00 USD of the customer's, and give the id of the hold."""

    def held(key="hold", **more):
        return shop.move((wallet, bank, "600"), key=key, hold=True, **more)["transfers"][0]["id"]

    return held


def test_a_hold_reserves_and_its_post_moves_a_part_and_frees_the_rest(mutate, hold, standing):
    held = hold(counterparty="cab-7", tags=["ride", "night"])
    before = standing()

    posted = mutate("postHold", "p", hold=held, amount={"amountMinor": "450", "currency": "USD"}, externalRef="r")
    again = mutate("postHold", "p", hold=held, amount={"amountMinor": "450", "currency": "USD"}, externalRef="r")
    twice = mutate("postHold", "q", hold=held)

    (transfer,) = posted["transfers"]
    assert before == ("10.00", "4.00", "6.00")
    assert (transfer["kind"], transfer["holdId"], transfer["amount"]["decimal"]) == ("POST", held, "4.50")
    assert (transfer["code"], transfer["externalRef"]) == ("payment", "r")
    assert posted == again
    assert (twice["__typename"], twice["code"]) == ("HoldNotOpen", "HOLD_ALREADY_POSTED")
    assert standing() == ("5.50", "5.50", "0.00")


def test_a_void_frees_all_of_a_hold(mutate, hold, standing):
    held = hold()

    voided = mutate("voidHold", "v", hold=held)

    assert (voided["transfers"][0]["kind"], voided["transfers"][0]["holdId"]) == ("VOID", held)
    assert standing() == ("10.00", "10.00", "0.00")
    assert mutate("postHold", "p", hold=held)["code"] == "HOLD_ALREADY_VOIDED"


@pytest.mark.parametrize(
    ("amount", "kind", "code"),
    [
        ({"amountMinor": "601", "currency": "USD"}, "TransferRefused", "EXCEEDS_HOLD"),
        ({"amountMinor": "1", "currency": "EUR"}, "TransferRefused", "HOLD_HAS_DIFFERENT_CURRENCY"),
        ({"amountMinor": "-1", "currency": "USD"}, "InvalidInput", "AMOUNT_NEGATIVE"),
        ({"amountMinor": str(2**63 - 1), "currency": "USD"}, "InvalidInput", "INVALID_INPUT"),
    ],
)
def test_a_post_that_the_hold_does_not_allow_is_refused(mutate, hold, amount, kind, code):
    refused = mutate("postHold", "p", hold=hold(), amount=amount)

    assert (refused["__typename"], refused["code"]) == (kind, code)


def test_the_hold_of_another_partner_is_answered_like_none_and_a_transfer_is_no_hold(mutate, hold, shop, rides, wallet):
    foreign = mutate("voidHold", "v", caller=rides, hold=hold())
    moved = shop.move((wallet, shop.account("bank"), "1"), key="plain")["transfers"][0]["id"]

    assert (foreign["__typename"], foreign["code"]) == ("HoldNotFound", "HOLD_NOT_FOUND")
    assert mutate("postHold", "p", hold=moved)["code"] == "NOT_A_HOLD"
    assert mutate("postHold", "q", hold="trf_1")["code"] == "INVALID_ID"


def test_a_key_that_served_one_mutation_serves_no_other(mutate, hold, shop, bank, wallet):
    held = hold()
    mutate("voidHold", "k", hold=held)

    assert mutate("postHold", "k", hold=held)["__typename"] == "IdempotencyConflict"
    assert shop.move((bank, wallet, "1"), key="k")["__typename"] == "IdempotencyConflict"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"timeoutSeconds": 5}, "TIMEOUT_ONLY_ON_HOLDS"),
        ({"timeoutSeconds": -1, "hold": True}, "TIMEOUT_OVERFLOW"),
        ({"tags": ["Two words"]}, "INVALID_INPUT"),
        ({"tags": [f"t{index}" for index in range(11)]}, "INVALID_INPUT"),
        ({"counterparty": ""}, "INVALID_INPUT"),
        ({"conditions": [{"side": "DEBIT", "measure": "POSTED"}]}, "INVALID_INPUT"),
        ({"conditions": [{"side": "DEBIT", "measure": "POSTED", "atLeast": "0"}] * 11}, "INVALID_INPUT"),
    ],
)
def test_terms_that_do_not_go_together_are_invalid_input(shop, bank, wallet, change, code):
    refused = shop.move((wallet, bank, "1"), key="k", **change)

    assert (refused["__typename"], refused["code"]) == ("InvalidInput", code)


def test_up_to_moves_no_more_than_there_is(shop, bank, wallet, standing):
    swept = shop.move((wallet, bank, "5000"), key="sweep", upTo="DEBIT")
    again = shop.move((wallet, bank, "5000"), key="sweep", upTo="DEBIT")

    assert swept["transfers"][0]["amount"]["decimal"] == "10.00"
    assert again == swept
    assert standing() == ("0.00", "0.00", "0.00")


def test_a_condition_is_judged_after_the_transfer(shop, bank, wallet, standing):
    keeps = {"side": "DEBIT", "measure": "AVAILABLE", "atLeast": "500"}

    refused = shop.move((wallet, bank, "501"), key="much", conditions=[keeps])
    moved = shop.move((wallet, bank, "500"), key="less", conditions=[keeps])

    assert (refused["__typename"], refused["code"]) == ("ConditionFailed", "CONDITION_FAILED")
    assert moved["__typename"] == "PostedTransfers"
    assert standing() == ("5.00", "5.00", "0.00")


def test_a_hold_ends_at_its_deadline_although_nobody_posts(shop, hold, standing):
    held = hold(timeoutSeconds=1)
    query = "query ($id: ID!) { transfer(id: $id) { state expiresAt } }"
    begun = shop.ask(query, id=held)["transfer"]

    deadline = time.monotonic() + 10
    while (seen := shop.ask(query, id=held)["transfer"])["state"] == "OPEN" and time.monotonic() < deadline:
        time.sleep(0.1)

    assert (begun["state"], seen["state"]) == ("OPEN", "EXPIRED")
    assert standing() == ("10.00", "10.00", "0.00")


def test_two_installations_that_sweep_one_ledger_end_a_hold_once(shop, hold, mutate, api_database, serve):
    with serve(api_database), serve(api_database):
        held = hold(timeoutSeconds=1)
        time.sleep(3)
        late = mutate("postHold", "late", hold=held)
        kinds = shop.ask("{ transfers(first: 3) { nodes { kind holdId } } }")["transfers"]["nodes"]

    assert (late["__typename"], late["code"]) == ("HoldNotOpen", "HOLD_EXPIRED")
    assert kinds[0] == {"kind": "EXPIRY", "holdId": held}
    assert kinds[1]["kind"] == "HOLD"


def test_a_sweeper_asks_for_nothing_where_nothing_is_due(hold, api_database):
    hold(timeoutSeconds=3_600)
    engine, asked = create_engine(api_database), []

    swept = Sweeper(engine, {HOLD_TIMER: lambda *due: asked.append(due)}).sweep()

    engine.dispose()
    assert swept == asked == []


def test_a_closed_account_moves_nothing_until_it_is_reopened(mutate, shop, bank, wallet, standing):
    closed = mutate("closeAccount", "close", account=wallet, counterAccount=bank)
    resent = mutate("closeAccount", "close", account=wallet, counterAccount=bank)
    refused = shop.move((wallet, bank, "1"), key="one")
    twice = mutate("closeAccount", "close twice", account=wallet, counterAccount=bank)
    shown = shop.ask('{ account(externalRef: "shop:wallet") { isClosed } }')
    reopened = mutate("reopenAccount", "open", account=wallet)
    again = mutate("reopenAccount", "open", account=wallet)

    assert (closed["transfers"][0]["kind"], closed["transfers"][0]["closes"]) == ("HOLD", "DEBIT")
    assert closed == resent
    assert (refused["__typename"], refused["code"]) == ("AccountClosed", "DEBIT_ACCOUNT_CLOSED")
    assert twice["__typename"] == "AccountClosed"
    assert shown == {"account": {"isClosed": True}}
    assert reopened["transfers"][0]["holdId"] == closed["transfers"][0]["id"]
    assert again == reopened
    assert shop.move((wallet, bank, "1"), key="two")["__typename"] == "PostedTransfers"
    assert standing() == ("9.99", "9.99", "0.00")


def test_an_account_that_is_not_closed_or_not_ones_own_is_not_reopened_or_closed(mutate, bank, wallet, rides):
    mutate("closeAccount", "close", account=wallet, counterAccount=bank)

    assert mutate("reopenAccount", "a", account=bank)["code"] == "INVALID_INPUT"
    assert mutate("reopenAccount", "b", caller=rides, account=wallet)["code"] == "INVALID_INPUT"
    assert mutate("closeAccount", "c", caller=rides, account=bank, counterAccount=wallet)["__typename"] == (
        "AccountNotFound"
    )
    assert mutate("closeAccount", "d", account=public("transfer", uuid4()), counterAccount=bank)["code"] == (
        "INVALID_ID"
    )
