"""What accounts allow, and what watches them, over HTTP."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger.book.accounts.terms import TermsChange, change_terms
from ledger.book.records.accounts import AccountId, Frozen
from ledger.kernel.work import begin
from ledger.public_ids import parse_public

CHANGED = "... on ChangedAccount { position account { frozen debitsWithinCredits creditsWithinDebits } }"
WATCHED = """
    ... on WatchedAccount { position monitor { id accountId measure comparison thresholdMinor isWatching position } }
"""
EVENTS = """
    query ($after: String, $first: Int!) {
      monitorEvents(after: $after, first: $first) {
        pageInfo { hasNextPage endCursor } nodes { id measuredMinor monitor { id } transfer { position } position }
      }
    }
"""


@pytest.fixture
def pair(shop):
    """The world outside, and a customer's account with 10.00 USD."""
    bank, wallet = shop.account("bank"), shop.account("wallet", "CUSTOMER")
    shop.move((bank, wallet, "1000"), key="top up")
    return bank, wallet


def _change(caller, account, key="k", reason="stolen phone", **change):
    return caller.mutate("changeAccountTerms", CHANGED, key=key, account=account, reason=reason, **change)


def test_a_frozen_account_moves_nothing_until_it_is_thawed(shop, pair):
    bank, wallet = pair

    frozen = _change(shop, wallet, frozen="ALL")
    refused = shop.move((wallet, bank, "1"), key="one")
    thawed = _change(shop, wallet, key="thaw", reason="found again", frozen="NONE")
    moved = shop.move((wallet, bank, "1"), key="two")

    assert frozen["account"] == {"frozen": "ALL", "debitsWithinCredits": True, "creditsWithinDebits": False}
    assert (refused["__typename"], refused["code"]) == ("AccountFrozen", "DEBIT_ACCOUNT_FROZEN")
    assert thawed["account"]["frozen"] == "NONE"
    assert thawed["position"] > frozen["position"]
    assert moved["__typename"] == "PostedTransfers"


def test_a_late_resend_of_a_freeze_does_not_freeze_again(shop, pair):
    _bank, wallet = pair
    frozen = _change(shop, wallet, frozen="ALL")
    _change(shop, wallet, key="thaw", frozen="NONE")

    resent = _change(shop, wallet, frozen="ALL")
    now = shop.ask("query ($id: ID!) { account(id: $id) { frozen } }", id=wallet)["account"]

    assert resent == frozen
    assert now == {"frozen": "NONE"}
    assert _change(shop, wallet, frozen="DEBITS")["__typename"] == "IdempotencyConflict"


def test_ten_identical_changes_at_once_are_one(shop, pair):
    _bank, wallet = pair

    with ThreadPoolExecutor(10) as threads:
        calls = [threads.submit(_change, shop, wallet, frozen="ALL") for _ in range(10)]
        positions = {call.result()["position"] for call in calls}

    assert len(positions) == 1


def test_limits_are_the_partners_to_change_and_the_credit_line_is_not(shop, pair):
    bank, wallet = pair

    changed = _change(shop, wallet, debitsWithinCredits=False)
    overdrawn = shop.move((wallet, bank, "1001"), key="over")
    line = shop.post(
        'mutation ($input: ChangeAccountTermsInput!) { changeAccountTerms(input: $input, idempotencyKey: "l")'
        " { __typename } }",
        {"input": {"account": wallet, "reason": "more", "creditLine": "1"}},
    ).json()

    assert changed["account"]["debitsWithinCredits"] is False
    assert overdrawn["__typename"] == "PostedTransfers"
    assert "creditLine" in line["errors"][0]["message"]


@pytest.mark.parametrize("between", [None, "ALL"])
def test_what_the_operator_froze_is_not_the_partners_to_thaw(shop, pair, store, book_id, between):
    _bank, wallet = pair
    account_id = AccountId(parse_public("account", wallet))
    with begin(store, actor="operator") as work:
        change_terms(work, book_id, account_id, TermsChange(frozen=Frozen.DEBITS), reason="court order")

    if between is not None:
        _change(shop, wallet, key="more", frozen=between)
    refused = _change(shop, wallet, frozen="NONE")
    limited = _change(shop, wallet, key="limits", creditsWithinDebits=True)

    assert (refused["__typename"], refused["code"]) == ("NotAllowed", "FROZEN_BY_OPERATOR")
    assert limited["account"]["frozen"] == "DEBITS"


@pytest.mark.parametrize(
    ("change", "code"),
    [({}, "INVALID_INPUT"), ({"frozen": "ALL", "reason": ""}, "INVALID_INPUT"), ({"account": "x"}, "INVALID_ID")],
)
def test_a_change_that_says_nothing_or_not_why_is_invalid(shop, pair, change, code):
    assert _change(shop, **{"account": pair[1]} | change)["code"] == code


def test_the_account_of_another_partner_is_neither_changed_nor_watched(shop, rides, pair):
    watch = {"account": pair[1], "measure": "POSTED", "comparison": "BELOW", "thresholdMinor": "5"}
    begun = shop.mutate("beginMonitor", WATCHED, key="m", **watch)

    refused = [
        _change(rides, pair[1], frozen="ALL"),
        rides.mutate("beginMonitor", WATCHED, key="m", **watch),
        rides.mutate("endMonitor", WATCHED, key="e", monitor=begun["monitor"]["id"]),
    ]

    assert [(each["__typename"], each["code"]) for each in refused] == [("NotFound", "NOT_FOUND")] * 3


def test_a_monitor_tells_when_its_condition_became_true_until_it_has_ended(shop, rides, pair):
    bank, wallet = pair
    watch = {"account": wallet, "measure": "AVAILABLE", "comparison": "BELOW", "thresholdMinor": "500"}
    begun = shop.mutate("beginMonitor", WATCHED, key="m", **watch)
    spent = shop.move((wallet, bank, "600"), key="1")
    shop.move((bank, wallet, "600"), key="2")
    shop.move((wallet, bank, "501"), key="3", hold=True)

    page = shop.ask(EVENTS, first=1)["monitorEvents"]
    rest = shop.ask(EVENTS, after=page["pageInfo"]["endCursor"], first=10)["monitorEvents"]
    ended = shop.mutate("endMonitor", WATCHED, key="e", monitor=begun["monitor"]["id"])
    again = shop.mutate("endMonitor", WATCHED, key="e", monitor=begun["monitor"]["id"])

    (first,), (second,) = page["nodes"], rest["nodes"]
    assert page["pageInfo"]["hasNextPage"]
    assert not rest["pageInfo"]["hasNextPage"]
    assert (first["measuredMinor"], first["transfer"]) == ("400", {"position": spent["position"]})
    assert (second["measuredMinor"], second["monitor"]["id"]) == ("499", begun["monitor"]["id"])
    assert (begun["monitor"]["isWatching"], ended["monitor"]["isWatching"]) == (True, False)
    assert again == ended
    assert rides.ask(EVENTS, first=10)["monitorEvents"]["nodes"] == []
    shown = shop.ask('{ account(externalRef: "shop:wallet") { monitors { nodes { id isWatching } } } }')
    assert shown["account"]["monitors"]["nodes"] == [{"id": begun["monitor"]["id"], "isWatching": False}]


def test_a_monitor_is_begun_once_for_its_key(shop, pair):
    watch = {"account": pair[1], "measure": "POSTED", "comparison": "ABOVE", "thresholdMinor": "5"}

    first = shop.mutate("beginMonitor", WATCHED, key="m", **watch)
    again = shop.mutate("beginMonitor", WATCHED, key="m", **watch)
    other = shop.mutate("beginMonitor", WATCHED, key="m", **watch | {"thresholdMinor": "6"})

    assert first == again
    assert other["__typename"] == "IdempotencyConflict"
    assert shop.mutate("beginMonitor", WATCHED, key="b", **watch | {"thresholdMinor": "9" * 30})["code"] == (
        "INVALID_INPUT"
    )
