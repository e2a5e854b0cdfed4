"""Lists of accounts by kind, currency, customer, freeze and closing; a search that ends early goes on."""

import pytest

from ledger.book.reading import account_search
from tests.api.conftest import Caller

FOUND = """
    query ($filter: AccountFilter, $first: Int, $after: String) {
      accounts(filter: $filter, first: $first, after: $after) {
        nodes { externalRef } pageInfo { hasNextPage endCursor }
      }
    }
"""


@pytest.fixture
def accounts(shop: Caller) -> Caller:
    """Accounts that differ in each of the conditions."""
    bank = shop.account("bank")
    owned = {"customer": {"customerRef": "ada"}}
    wallets = [shop.open(name, "CUSTOMER", **owned)["account"]["id"] for name in ("one", "two")]
    shop.open("bob", "CUSTOMER")
    shop.open("euros", "MERCHANT", currency="EUR")
    frozen = "... on ChangedAccount { position }"
    shop.mutate("changeAccountTerms", frozen, key="f", account=wallets[0], frozen="DEBITS", reason="lost phone")
    shop.mutate("closeAccount", "", key="c", account=wallets[1], counterAccount=bank)
    return shop


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({}, {"bank", "one", "two", "bob", "euros"}),
        ({"kind": "CUSTOMER"}, {"one", "two", "bob"}),
        ({"currency": "EUR"}, {"euros"}),
        ({"frozen": "DEBITS"}, {"one"}),
        ({"frozen": "NONE", "kind": "CUSTOMER"}, {"two", "bob"}),
        ({"isClosed": True}, {"two"}),
        ({"isClosed": False, "kind": "CUSTOMER"}, {"one", "bob"}),
        ({"kind": "REVENUE"}, set()),
    ],
)
def test_accounts_are_found_by_what_they_are(accounts, wanted, names):
    assert _names(accounts, wanted) == {f"shop:{name}" for name in names}


def test_accounts_are_found_by_their_customer_and_by_no_other_partner(accounts, rides):
    shown = accounts.ask('{ account(externalRef: "shop:one") { customer { id } } }')["account"]["customer"]["id"]

    assert _names(accounts, {"customer": shown}) == {"shop:one", "shop:two"}
    assert _names(accounts, {"customer": shown, "frozen": "DEBITS"}) == {"shop:one"}
    assert _names(rides, {"customer": shown}) == set()
    assert accounts.error(FOUND, filter={"customer": "acc_1"})["extensions"]["code"] == "INVALID_ID"


def test_a_search_that_ends_early_goes_on_where_it_ended(accounts, monkeypatch):
    monkeypatch.setattr(account_search, "LOOKED_MAX", 2)
    seen, after, pages = set(), None, 0
    while True:
        page = accounts.ask(FOUND, filter={"kind": "CUSTOMER"}, first=1, after=after)["accounts"]
        seen |= {node["externalRef"] for node in page["nodes"]}
        pages += 1
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]

    assert seen == {"shop:one", "shop:two", "shop:bob"}
    assert pages >= 3


def _names(caller: Caller, wanted: dict[str, object]) -> set[str]:
    return {node["externalRef"] for node in caller.ask(FOUND, filter=wanted)["accounts"]["nodes"]}
