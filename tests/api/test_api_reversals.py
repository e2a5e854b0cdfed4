"""Taking transfers back, and exchanging money, over HTTP."""

import pytest

ANSWER = """
    ... on PostedTransfers {
      position
      transfers { id kind reversesId rate groupId amount { decimal currency } debitAccountId creditAccountId code }
    }
"""


@pytest.fixture
def pair(shop):
    """The world outside, and a customer's account with 10.00 USD; and the transfer that brought them."""
    bank, wallet = shop.account("bank"), shop.account("wallet", "CUSTOMER")
    paid = shop.move((bank, wallet, "1000"), key="top up")["transfers"][0]["id"]
    return bank, wallet, paid


def _reverse(caller, transfer, key="r"):
    return caller.mutate("reverseTransfer", ANSWER, key=key, transfer=transfer)


def _exchange(caller, key="x", **wanted):
    return caller.mutate("exchange", ANSWER, key=key, **wanted)


def test_a_transfer_is_taken_back_whole_and_once(shop, pair):
    bank, wallet, paid = pair

    reversed_ = _reverse(shop, paid)
    again = _reverse(shop, paid)
    twice = _reverse(shop, paid, key="another")

    (back,) = reversed_["transfers"]
    assert (back["reversesId"], back["debitAccountId"], back["creditAccountId"]) == (paid, wallet, bank)
    assert back["amount"] == {"decimal": "10.00", "currency": "USD"}
    assert again == reversed_
    assert (twice["__typename"], twice["code"]) == ("AlreadyReversed", "ALREADY_REVERSED")


def test_what_was_spent_is_taken_back_under_a_new_key_once_it_is_there_again(shop, pair):
    bank, wallet, paid = pair
    shop.move((wallet, bank, "1"), key="spend")
    refused = _reverse(shop, paid)
    shop.move((bank, wallet, "1"), key="top up again")

    assert refused["__typename"] == "InsufficientFunds"
    assert _reverse(shop, paid) == refused
    assert _reverse(shop, paid, key="later")["__typename"] == "PostedTransfers"


def test_what_moved_nothing_or_is_another_partners_is_not_reversed(shop, rides, pair):
    bank, wallet, paid = pair
    hold = shop.move((wallet, bank, "1"), key="hold", hold=True)["transfers"][0]["id"]

    foreign, held = _reverse(rides, paid), _reverse(shop, hold)

    assert (foreign["__typename"], foreign["code"]) == ("NotFound", "NOT_FOUND")
    assert held["__typename"] == "InvalidInput"
    assert "void the hold instead" in held["message"]
    assert _reverse(shop, "acc_1")["code"] == "INVALID_ID"


@pytest.fixture
def trade(shop, pair):
    """An exchange of 10.00 USD for euros at 27/25."""
    _bank, wallet, _paid = pair
    euros = shop.open("euros", "MERCHANT", currency="EUR")["account"]["id"]
    sold = {"amountMinor": "1000", "currency": "USD"}
    return {"soldFrom": wallet, "boughtTo": euros, "sold": sold, "currency": "EUR", "rate": "27/25"}


def test_an_exchange_is_two_linked_transfers_that_carry_the_rate_as_it_was_written(shop, trade):
    done = _exchange(shop, **trade)
    again = _exchange(shop, **trade)

    sold, bought = done["transfers"]
    assert (sold["amount"], bought["amount"]) == (
        {"decimal": "10.00", "currency": "USD"},
        {"decimal": "10.80", "currency": "EUR"},
    )
    assert sold["rate"] == bought["rate"] == "27/25"
    assert sold["groupId"] == bought["groupId"] is not None
    assert (sold["debitAccountId"], bought["creditAccountId"]) == (trade["soldFrom"], trade["boughtTo"])
    assert again == done


@pytest.mark.parametrize(
    ("change", "kind", "code"),
    [
        ({"rate": "0"}, "InvalidInput", "INVALID_RATE"),
        ({"rate": "1e2"}, "InvalidInput", "INVALID_RATE"),
        ({"currency": "USD"}, "InvalidInput", "INVALID_AMOUNT"),
        ({"boughtMinor": "1079"}, "InvalidInput", "INVALID_AMOUNT"),
        ({"sold": {"amountMinor": "-1", "currency": "USD"}}, "InvalidInput", "INVALID_AMOUNT"),
        ({"sold": {"amountMinor": "9" * 30, "currency": "USD"}}, "InvalidInput", "INVALID_AMOUNT"),
        ({"sold": {"amountMinor": "1001", "currency": "USD"}}, "InsufficientFunds", "INSUFFICIENT_FUNDS"),
        ({"code": "Two words"}, "InvalidInput", "INVALID_INPUT"),
    ],
)
def test_an_exchange_that_cannot_be_is_a_typed_answer(shop, trade, change, kind, code):
    refused = _exchange(shop, **trade | change)

    assert (refused["__typename"], refused["code"]) == (kind, code)


def test_a_key_with_another_rate_is_a_conflict(shop, trade):
    _exchange(shop, **trade)

    assert _exchange(shop, **trade | {"rate": "1.08"})["__typename"] == "IdempotencyConflict"
