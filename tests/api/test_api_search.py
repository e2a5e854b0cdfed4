"""Searching transfers, open holds by account, and balances of the past, over HTTP."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger.book.reading import search
from ledger.journal.position_tokens import token_of

FOUND = """
    query ($filter: TransferFilter, $first: Int!, $after: String) {
      transfers(filter: $filter, first: $first, after: $after) {
        nodes { id amount { decimal } } pageInfo { hasNextPage endCursor } asOf
      }
    }
"""
STOOD = """
    query ($at: MomentInput!) {
      accountBalance(externalRef: "shop:wallet", at: $at) {
        balance { decimal } pending { decimal } debits { decimal } pendingDebits { decimal } asOf
      }
    }
"""


@pytest.fixture
def pair(shop):
    return shop.account("bank"), shop.account("wallet", "CUSTOMER")


def _walk(caller, wanted, first):
    """Every node of a search, and how many pages it took."""
    after, nodes, pages = None, [], 0
    while True:
        found = caller.ask(FOUND, filter=wanted, first=first, after=after)["transfers"]
        nodes, pages = nodes + [node["id"] for node in found["nodes"]], pages + 1
        if not found["pageInfo"]["hasNextPage"]:
            return nodes, pages
        after = found["pageInfo"]["endCursor"]


def test_transfers_are_found_by_what_they_say(shop, rides, pair):
    bank, wallet = pair
    fare = {"externalRef": "r-1", "counterparty": "cab-7", "tags": ["night", "ride"], "code": "fare"}
    shop.move((bank, wallet, "1000"), key="top up")
    ride = shop.move((wallet, bank, "250"), key="ride", **fare)["transfers"][0]["id"]
    hold = shop.move((wallet, bank, "100"), key="hold", hold=True)["transfers"][0]["id"]
    now = f"{datetime.now(UTC) + timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}"
    wanted = {
        "code": {"code": "fare"}, "reference": {"externalRef": "r-1"}, "other side": {"counterparty": "cab-7"},
        "tag": {"tag": "night"}, "account": {"account": wallet, "code": "fare"},
        "amount": {"currency": "USD", "amountAtLeast": "101", "amountAtMost": "999"},
        "effective": {"code": "fare", "effectiveUntil": now}, "open": {"holdState": "OPEN"},
        "kind": {"kind": "HOLD"}, "none": {"recordedFrom": now}, "huge": {"currency": "USD", "amountAtLeast": "9" * 30},
    }  # fmt: skip

    found = {name: _walk(shop, each, 10)[0] for name, each in wanted.items()}
    foreign = {name: _walk(rides, each, 10)[0] for name, each in wanted.items()}

    holds, none = {"open", "kind"}, {"none", "huge"}
    assert found == {name: [hold] if name in holds else [] if name in none else [ride] for name in wanted}
    assert foreign == {name: [] for name in wanted}


def test_a_search_that_stops_early_goes_on_where_it_stopped_and_misses_nothing(shop, pair, monkeypatch):
    bank, wallet = pair
    wanted = [shop.move((bank, wallet, "1"), key=f"a{at}", code="rare")["transfers"][0]["id"] for at in range(2)]
    shop.move(*[(bank, wallet, "1")] * 20, key="many")
    wanted += [shop.move((bank, wallet, "1"), key=f"b{at}", code="rare")["transfers"][0]["id"] for at in range(3)]
    monkeypatch.setattr(search, "LOOKED_MAX", 6)

    found, pages = _walk(shop, {"code": "rare"}, 4)

    assert found == wanted[::-1]
    assert pages > 2


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"amountAtLeast": "5"}, "INVALID_INPUT"),
        ({"code": "Two words"}, "INVALID_INPUT"),
        ({"tag": ""}, "INVALID_INPUT"),
        ({"externalRef": "a\x00b"}, "INVALID_INPUT"),
        ({"account": "acc_1"}, "INVALID_ID"),
    ],
)
def test_a_search_for_what_cannot_be_is_an_error_that_says_why(shop, wanted, code):
    error = shop.error(FOUND, filter=wanted, first=5)

    assert error["extensions"]["code"] == code


def test_open_holds_are_listed_by_account_in_pages(shop, pair):
    bank, wallet = pair
    shop.move((bank, wallet, "1000"), key="top up")
    held = [shop.move((wallet, bank, "1"), key=f"h{at}", hold=True)["transfers"][0]["id"] for at in range(5)]
    shop.mutate("voidHold", "", key="v", hold=held[1])
    query = """
        query ($after: String) { account(externalRef: "shop:wallet") {
          openHolds(first: 3, after: $after) { nodes { id state } pageInfo { hasNextPage endCursor } asOf } asOf
        } }
    """

    first = shop.ask(query, after=None)["account"]["openHolds"]
    rest = shop.ask(query, after=first["pageInfo"]["endCursor"])["account"]["openHolds"]

    assert [each["id"] for each in first["nodes"] + rest["nodes"]] == [held[4], held[3], held[2], held[0]]
    assert {each["state"] for each in first["nodes"]} == {"OPEN"}
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)


def test_a_balance_of_the_past_is_that_of_a_position_or_of_a_recorded_instant(shop, pair):
    bank, wallet = pair
    first = shop.move((bank, wallet, "1000"), key="1")
    held = shop.move((wallet, bank, "300"), key="2", hold=True)
    shop.mutate("postHold", "", key="3", hold=held["transfers"][0]["id"])
    recorded = shop.ask("query ($id: ID!) { transfer(id: $id) { recordedAt } }", id=held["transfers"][0]["id"])

    stood = [
        shop.ask(STOOD, at=at)["accountBalance"]
        for at in (
            {"position": first["position"]},
            {"position": held["position"]},
            {"recordedBy": recorded["transfer"]["recordedAt"]},
            {"effectiveOn": f"{datetime.now(UTC):%Y-%m-%d}"},
        )
    ]

    shown = [tuple(each["decimal"] for each in list(state.values())[:4]) for state in stood]
    assert shown == [
        ("10.00", "0.00", "0.00", "0.00"),
        ("10.00", "3.00", "0.00", "3.00"),
        ("10.00", "3.00", "0.00", "3.00"),
        ("7.00", "0.00", "3.00", "0.00"),
    ]
    assert stood[0]["asOf"] == first["position"]
    assert stood[1]["asOf"] == stood[2]["asOf"] == held["position"]


def test_what_is_dated_back_counts_on_its_day_and_before_the_opening_there_is_nothing(shop, rides, pair):
    bank, wallet = pair
    days = [f"{datetime.now(UTC) - timedelta(days=back):%Y-%m-%d}" for back in (4, 3)]
    shop.move((bank, wallet, "1000"), key="1", effectiveAt=f"{days[1]}T12:00:00Z")

    before, on = (shop.ask(STOOD, at={"effectiveOn": day})["accountBalance"] for day in days)

    assert (before["balance"]["decimal"], on["balance"]["decimal"]) == ("0.00", "10.00")
    assert shop.ask(STOOD, at={"position": token_of(0)})["accountBalance"] is None
    assert shop.ask(STOOD, at={"recordedBy": "2020-01-01T00:00:00Z"})["accountBalance"] is None
    assert rides.ask(STOOD, at={"position": token_of(1)})["accountBalance"] is None
    assert shop.error(STOOD, at={"position": token_of(99_999)})["extensions"]["code"] == "POSITION_NOT_REACHED"
    assert shop.error(STOOD, at={})["extensions"]["code"] == "INVALID_REQUEST"
