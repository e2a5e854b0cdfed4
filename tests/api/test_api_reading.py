"""Reading: balances with their position, pages that lose nothing, and insights."""

import threading
from datetime import date, datetime, timedelta
from itertools import count

import pytest

from ledger.book.judging.orders import AS_HELD, Terms, TransferOrder
from ledger.book.posting.posting import post
from ledger.book.records.accounts import AccountId
from ledger.book.records.transfers import Kind, TransferId
from ledger.insights.budget import ChargeOrder, charge
from ledger.insights.orders import BucketOrder, CellOrder, ReleaseOrder
from ledger.insights.releases import record_release
from ledger.kernel.ids import new_id
from ledger.kernel.work import begin
from ledger.personal_data.counterparties import sealed_orders
from ledger.public_ids import parse_public, public
from ledger.tenancy.records import Vertical
from ledger.vault.vault import Vault
from tests.api.conftest import later_by
from tests.conftest import KEYRINGS

PAGE = (
    "query ($after: String) { accounts(first: 7, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }"
)


def _walk(caller, query, field, between=lambda: None):
    after, seen = None, []
    while True:
        found = caller.ask(query, after=after)[field]
        seen += [node["id"] for node in found["nodes"]]
        if not found["pageInfo"]["hasNextPage"]:
            return seen
        after = found["pageInfo"]["endCursor"]
        between()


def _minor(shown):
    return {name: int(value["amountMinor"]) if isinstance(value, dict) else value for name, value in shown.items()}


def test_a_balance_is_exact_and_states_the_position_that_it_is_true_for(shop):
    bank, wallet = shop.account("bank"), shop.account("wallet", "CUSTOMER")
    posted = shop.move((bank, wallet, "9007199254740993"), key="k")

    found = shop.ask(
        'query ($p: Position) { account(externalRef: "shop:wallet", minPosition: $p) {'
        " balance { amountMinor decimal currency } debits { amountMinor } credits { amountMinor } asOf } }",
        p=posted["position"],
    )["account"]

    assert found["balance"] == {"amountMinor": "9007199254740993", "decimal": "90071992547409.93", "currency": "USD"}
    assert (found["debits"]["amountMinor"], found["credits"]["amountMinor"]) == ("0", "9007199254740993")
    assert found["asOf"] == posted["position"]


def test_a_position_that_is_to_come_is_waited_for_and_one_that_does_not_come_is_an_error(shop):
    shop.account("bank")
    query = "query ($p: Position) { accounts(minPosition: $p) { asOf } }"
    now = shop.ask(query)["accounts"]["asOf"]
    later = threading.Timer(0.3, shop.account, ["till"])
    later.start()

    reached = shop.ask(query, p=later_by(now, 1))
    later.join()
    error = shop.error(query, p=later_by(now, 100))

    assert reached["accounts"]["asOf"] > now
    assert error["extensions"]["code"] == "POSITION_NOT_REACHED"


def test_walking_the_accounts_while_others_are_opened_shows_each_of_the_first_ones_once(shop):
    numbers = count()
    first = {shop.account(f"a{next(numbers)}") for _ in range(20)}

    seen = _walk(shop, PAGE, "accounts", between=lambda: [shop.account(f"b{next(numbers)}") for _ in range(3)])

    assert len(seen) == len(set(seen))
    assert first <= set(seen)


def test_walking_the_transfers_back_is_not_disturbed_by_new_ones(shop):
    bank, wallet = shop.account("bank"), shop.account("wallet", "CUSTOMER")
    numbers = count()

    def move():
        return shop.move((bank, wallet, "1"), key=str(next(numbers)))["transfers"][0]["id"]

    first = [move() for _ in range(12)]
    query = (
        "query ($after: String) { transfers(filter: { account: WALLET }, first: 5, after: $after)"
        " { nodes { id } pageInfo { endCursor hasNextPage } } }"
    )

    assert _walk(shop, query.replace("WALLET", f'"{wallet}"'), "transfers", between=move) == first[::-1]


def test_the_last_page_knows_that_it_is_the_last(shop):
    for name in "abc":
        shop.account(name)
    query = (
        "query ($n: Int!, $after: String) { accounts(first: $n, after: $after) {"
        " edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"
    )

    whole = shop.ask(query, n=3)["accounts"]
    beyond = shop.ask(query, n=3, after=whole["pageInfo"]["endCursor"])["accounts"]

    assert whole["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": whole["edges"][0]["cursor"],
        "endCursor": whole["edges"][-1]["cursor"],
    }
    assert shop.ask(query, n=2)["accounts"]["pageInfo"]["hasNextPage"] is True
    assert beyond["edges"] == []
    assert beyond["pageInfo"]["endCursor"] is None


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("first: 0", "INVALID_INPUT"),
        ("first: -1", "INVALID_INPUT"),
        ("first: 101", "INVALID_INPUT"),
        ('after: "x"', "INVALID_CURSOR"),
        ('after: "YWNjb3VudDphY2NfMQ"', "INVALID_CURSOR"),
        ('after: "\\u00e9"', "INVALID_CURSOR"),
        ('after: "dHJhbnNmZXI6eA"', "INVALID_CURSOR"),
    ],
)
@pytest.mark.parametrize("field", ["accounts", "transfers"])
def test_a_page_that_cannot_be_is_an_error_that_says_why(shop, field, arguments, code):
    error = shop.error(f"{{ {field}({arguments}) {{ asOf }} }}")

    assert error["extensions"]["code"] == code


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ account { id } }", "INVALID_INPUT"),
        ('{ account(id: "acc_1", externalRef: "x") { id } }', "INVALID_INPUT"),
        ('{ account(id: "acc_1") { id } }', "INVALID_ID"),
        ('{ account(externalRef: "a\\u0000b") { id } }', "INVALID_INPUT"),
        ('{ transfer(id: "acc_018f") { id } }', "INVALID_ID"),
        ('{ node(id: "what") { id } }', "INVALID_ID"),
        ('{ insights(month: "2026-10-02") { asOf } }', "INVALID_INPUT"),
        ('{ insights(metric: "\\u0000") { asOf } }', "INVALID_INPUT"),
    ],
)
def test_a_wrong_question_is_an_error_with_a_code_and_never_a_fault(shop, query, code):
    assert shop.error(query)["extensions"]["code"] == code


def test_a_hold_shows_its_state_and_what_it_reserves_until_it_is_posted(store, book_id, shop):
    bank, wallet = (AccountId(parse_public("account", shop.account(*each))) for each in (["bank"], ["w", "CUSTOMER"]))
    hold_id, post_id = TransferId(new_id()), TransferId(new_id())
    top_up = TransferOrder(TransferId(new_id()), shop.partner_id, bank, wallet, 1_000, "USD", "top_up")
    hold = TransferOrder(
        hold_id, shop.partner_id, wallet, bank, 600, "USD", "fare",
        counterparty="cab-7", tags="ride night", terms=Terms(kind=Kind.HOLD, timeout_s=3_600),
    )  # fmt: skip
    part = TransferOrder(
        post_id, shop.partner_id, AS_HELD, AS_HELD, 450, "", "", terms=Terms(kind=Kind.POST, hold_id=hold_id)
    )
    query = """
        query ($id: ID!) {
          account(externalRef: "shop:w") {
            frozen isClosed balance { amountMinor } available { amountMinor } pending { amountMinor }
            debits { amountMinor } pendingDebits { amountMinor } pendingCredits { amountMinor }
            creditLine { amountMinor }
          }
          transfer(id: $id) {
            kind state holdId counterparty tags balancing closes rate template reversesId isForced amount { decimal }
            expiresAt recordedAt
          }
        }
    """

    post(store, book_id, sealed_orders(Vault(store, KEYRINGS), book_id, [top_up, hold]))
    held = shop.ask(query, id=public("transfer", hold_id))
    post(store, book_id, [part])
    posted = shop.ask(query, id=public("transfer", hold_id))
    end = shop.ask(query, id=public("transfer", post_id))["transfer"]

    assert _minor(held["account"]) == {
        "balance": 1_000, "available": 400, "pending": 600, "debits": 0, "pendingDebits": 600, "pendingCredits": 0,
        "creditLine": 0, "frozen": "NONE", "isClosed": False,
    }  # fmt: skip
    assert (held["transfer"]["kind"], held["transfer"]["state"]) == ("HOLD", "OPEN")
    assert (held["transfer"]["counterparty"], held["transfer"]["tags"]) == ("cab-7", ["ride", "night"])
    begun, ends = (datetime.fromisoformat(held["transfer"][name]) for name in ("recordedAt", "expiresAt"))
    assert ends - begun == timedelta(hours=1)
    assert _minor(posted["account"]) == {
        "balance": 550, "available": 550, "pending": 0, "debits": 450, "pendingDebits": 0, "pendingCredits": 0,
        "creditLine": 0, "frozen": "NONE", "isClosed": False,
    }  # fmt: skip
    assert posted["transfer"]["state"] == "POSTED"
    assert (end["kind"], end["state"], end["holdId"]) == ("POST", None, public("transfer", hold_id))
    assert (end["amount"], end["expiresAt"]) == ({"decimal": "4.50"}, None)


def test_a_released_histogram_is_read_by_size_beside_the_noise_of_its_counts(store, book_id, shop):
    order = ChargeOrder("customers_by_transaction_count", date(2026, 10, 1), bytes(32), 1_000)
    buckets = [BucketOrder(0, 70), BucketOrder(10, -2), BucketOrder(20, None)]
    with begin(store, actor="test") as work:
        charge_id = charge(work, book_id, order)
        record_release(work, book_id, ReleaseOrder(charge_id, "customers", 1, 1, 22_000_000, buckets=buckets))

    (insight,) = shop.ask(
        """{ insights(metric: "customers_by_transaction_count") {
            nodes { cells { value } buckets { atLeast value } release { noiseScaleMicro } } } }"""
    )["insights"]["nodes"]

    assert insight == {
        "cells": [],
        "buckets": [
            {"atLeast": "0", "value": "70"},
            {"atLeast": "10", "value": "-2"},
            {"atLeast": "20", "value": None},
        ],
        "release": {"noiseScaleMicro": "22000000"},
    }


def test_released_insights_are_the_same_for_every_partner(store, book_id, shop, rides):
    order = ChargeOrder("active_customers", date(2026, 10, 1), bytes(32), 1_000)
    cells = [CellOrder(vertical, 120, 9, 118, 111, 131) for vertical in Vertical]
    cells[0] = CellOrder(Vertical.RETAIL, None, None)
    with begin(store, actor="test") as work:
        charge_id = charge(work, book_id, order)
        record_release(work, book_id, ReleaseOrder(charge_id, "customers", 1, 4, 22_000_000, cells, limit_months=3))
    query = """
        { insights(metric: "active_customers", month: "2026-10-01") {
            nodes {
              id metric month unit cells { vertical value margin95 smoothed withheld interval95Total { low high } }
              buckets { atLeast }
              release { rhoMicro epsilon delta contributionLimit limitMonths specHash noiseScaleMicro protects } } } }
    """

    (insight,) = shop.ask(query)["insights"]["nodes"]

    assert rides.ask(query)["insights"]["nodes"] == [insight]
    assert (insight["month"], insight["unit"]) == ("2026-10-01", "customers")
    assert insight["cells"][0] == {
        "vertical": "RETAIL", "value": None, "margin95": None, "smoothed": None, "withheld": "NOT_ELIGIBLE",
        "interval95Total": None,
    }  # fmt: skip
    assert insight["cells"][1] == {
        "vertical": "MOBILITY", "value": "120", "margin95": "9", "smoothed": "118", "withheld": None,
        "interval95Total": {"low": "111", "high": "131"},
    }  # fmt: skip
    assert insight["buckets"] == []
    assert (insight["release"]["rhoMicro"], insight["release"]["epsilon"]) == ("1000", "4")
    assert (insight["release"]["limitMonths"], insight["release"]["specHash"]) == (3, "00" * 32)
    assert shop.ask('{ insights(month: "2026-09-01") { nodes { metric } } }') == {"insights": {"nodes": []}}
