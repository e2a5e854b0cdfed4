"""Resends: the original answer word for word and marked, whatever happened since; what a key did; a key used twice."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.api.mutation_documents import MUTATIONS

ACCOUNT = (
    "account { id externalRef frozen isClosed debitsWithinCredits balance { decimal } available { decimal } asOf }"
)
TRANSFERS = "transfers { id kind state groupId position amount { decimal } recordedAt }"
MEMBERS = {
    "PostedTransfers": TRANSFERS,
    "OpenedAccount": ACCOUNT,
    "ChangedAccount": ACCOUNT,
    "WatchedAccount": "monitor { id isWatching position }",
    "PublishedTemplate": "template { id name version position }",
    "StoredVaultToken": "vaultToken { id kind mask endingCause }",
    "RevealedVaultToken": "vaultToken { id kind mask endingCause } value",
    "ChangedMetadata": "objectId metadata { name value }",
    "ChangedWebhookEndpoint": "webhookEndpoint { id url }",
    "ScheduledWebhook": "delivery { id eventType }",
    "ReplayedWebhooks": "count",
}
NOT_AGAIN = {"RevealedVaultToken", "ReplayedWebhooks"}
"""The answers that no key leads to: a value is revealed anew each time, and a replay is of many deliveries."""

SHOWN = f"""
    __typename
    ... on Success {{ position isReplay }}
    ... on Refusal {{ code message isReplay }}
    ... on TransferRefused {{ index position }} ... on InsufficientFunds {{ index position }}
    {" ".join(f"... on {kind} {{ {shown} }}" for kind, shown in MEMBERS.items() if kind not in NOT_AGAIN)}
"""
RESULT = f"query ($key: String!) {{ resultOfKey(idempotencyKey: $key) {{ {SHOWN} }} }}"

OF_SANDBOXES = {
    "createTestKey",
    "advanceSandboxClock",
    "fundSandboxAccount",
    "paySandboxMerchant",
    "declineSandboxPayment",
    "replayRequest",
}
"""They take a test key, or give one: `tests/api/sandbox` resends them."""


@pytest.fixture
def pair(shop):
    """The accounts that money comes from and goes to."""
    return shop.account("bank"), shop.account("wallet", "CUSTOMER")


def _asked(shop: Any, name: str, /, **wanted: Any) -> dict[str, Any]:
    """The answer to a mutation, under a key that is its name."""
    shown = f"... on {ANSWERS[name]} {{ {MEMBERS[ANSWERS[name]]} }}"
    return shop.mutate(
        name, f"... on Success {{ position isReplay }} ... on Refusal {{ isReplay }} {shown}", key=name, **wanted
    )


ANSWERS = {
    "createWebhookEndpoint": "ChangedWebhookEndpoint",
    "updateWebhookEndpoint": "ChangedWebhookEndpoint",
    "rotateWebhookSecret": "ChangedWebhookEndpoint",
    "pauseWebhookEndpoint": "ChangedWebhookEndpoint",
    "resumeWebhookEndpoint": "ChangedWebhookEndpoint",
    "retireWebhookEndpoint": "ChangedWebhookEndpoint",
    "sendTestWebhook": "ScheduledWebhook",
    "replayWebhooks": "ReplayedWebhooks",
    "openAccount": "OpenedAccount",
    "changeAccountTerms": "ChangedAccount",
    "beginMonitor": "WatchedAccount",
    "endMonitor": "WatchedAccount",
    "publishTemplate": "PublishedTemplate",
    "runTemplate": "PostedTransfers",
    "postTransfers": "PostedTransfers",
    "postHold": "PostedTransfers",
    "voidHold": "PostedTransfers",
    "reverseTransfer": "PostedTransfers",
    "exchange": "PostedTransfers",
    "closeAccount": "PostedTransfers",
    "reopenAccount": "PostedTransfers",
    "setMetadata": "ChangedMetadata",
    "eraseVaultToken": "StoredVaultToken",
    "revealVaultToken": "RevealedVaultToken",
}
GIFT = (
    '{"name": "gift", "parameters": {"a": "account", "b": "account", "sum": "money"},'
    ' "legs": [{"amount": "{sum}", "code": "gift", "from": "{a}", "to": "{b}"}]}'
)


def _transfer(debit, credit, amount, **more):
    money = {"amountMinor": amount, "currency": "USD"}
    return {"debitAccount": debit, "creditAccount": credit, "amount": money, "code": "payment", **more}


def _story(shop, bank, wallet):
    """Every mutation of the schema once, each changing what an earlier one has answered with."""
    answers, requests = {}, {}

    def ask(name, /, **wanted):
        requests[name] = wanted
        answers[name] = _asked(shop, name, **wanted)
        assert "position" in answers[name], answers[name]
        return answers[name]

    shop.move((bank, wallet, "10000"), key="in")
    opened = ask("openAccount", externalRef="till", currency="USD", kind="MERCHANT")["account"]["id"]
    monitor = ask("beginMonitor", account=opened, measure="POSTED", comparison="ABOVE", thresholdMinor="5")
    held = ask("postTransfers", transfers=[_transfer(wallet, opened, "70", hold=True), _transfer(wallet, opened, "5")])
    ask("changeAccountTerms", account=opened, frozen="CREDITS", reason="a test")
    shop.mutate("changeAccountTerms", "", key="thaw", account=opened, frozen="NONE", reason="a test")
    posted = ask("postHold", hold=held["transfers"][0]["id"], amount={"amountMinor": "50", "currency": "USD"})
    ask("reverseTransfer", transfer=posted["transfers"][0]["id"])
    other = shop.move((wallet, opened, "1"), key="hold", hold=True)["transfers"][0]["id"]
    ask("voidHold", hold=other)
    ask("endMonitor", monitor=monitor["monitor"]["id"])
    ask("publishTemplate", declaration=GIFT)
    given = {"a": wallet, "b": opened, "sum": "0.02 USD"}
    ask("runTemplate", name="gift", arguments=[{"name": name, "value": value} for name, value in given.items()])
    euros = shop.open("euros", "MERCHANT", currency="EUR")["account"]["id"]
    sold = {"amountMinor": "100", "currency": "USD"}
    ask("exchange", soldFrom=wallet, boughtTo=euros, sold=sold, currency="EUR", rate="0.9")
    ask("setMetadata", objectId=opened, metadata=[{"name": "branch", "value": "b-1"}])
    shop.mutate("setMetadata", "", key="cleared", objectId=opened, metadata=[])
    tokens = [_token(shop, number) for number in ("C01X00T47", "C01X00T48")]
    ask("revealVaultToken", vaultToken=tokens[0], reason="a test")
    ask("eraseVaultToken", vaultToken=tokens[1], reason="a test")
    _ask_webhooks(ask)
    ask("closeAccount", account=opened, counterAccount=bank)
    ask("reopenAccount", account=opened)
    return requests, answers


def _ask_webhooks(ask):
    hook = {"url": "https://shop.example/hook", "eventTypes": ["ACCOUNT_OPENED"]}
    endpoint = ask("createWebhookEndpoint", **hook)["webhookEndpoint"]["id"]
    ask("updateWebhookEndpoint", endpoint=endpoint, concurrency=2)
    ask("rotateWebhookSecret", endpoint=endpoint)
    ask("pauseWebhookEndpoint", endpoint=endpoint)
    ask("sendTestWebhook", endpoint=endpoint)
    ask("replayWebhooks", endpoint=endpoint, recordedFrom="2026-01-01T00:00:00Z")
    ask("resumeWebhookEndpoint", endpoint=endpoint)
    ask("retireWebhookEndpoint", endpoint=endpoint)


def _token(shop, number):
    created = "... on StoredVaultToken { vaultToken { id } }"
    stored = shop.mutate("createVaultToken", created, key=number, kind="DOCUMENT", value=number)
    return stored["vaultToken"]["id"]


def test_a_resend_of_any_mutation_is_the_original_answer_word_for_word_and_marked(shop, pair):
    requests, answers = _story(shop, *pair)

    again = {name: _asked(shop, name, **wanted) for name, wanted in requests.items()}

    assert set(requests) == set(MUTATIONS) - {"replayWebhookDelivery"} - OF_SANDBOXES, (
        "which needs a delivery that ended"
    )
    assert {name for name, answer in answers.items() if answer["isReplay"]} == set()
    assert again == {name: answer | {"isReplay": True} for name, answer in answers.items()}


def test_a_key_leads_to_the_answer_of_any_mutation(shop, rides, pair):
    _, answers = _story(shop, *pair)

    replayed = shop.ask(RESULT, key="replayWebhooks")["resultOfKey"]
    assert replayed["__typename"] == "ScheduledWebhook", "the last delivery of a replay"
    del answers["replayWebhooks"]
    found = {name: shop.ask(RESULT, key=name)["resultOfKey"] for name in answers}

    shown = answers["revealVaultToken"]
    answers["revealVaultToken"] = shown | {"__typename": "StoredVaultToken"}
    assert shown.pop("value") == answers["revealVaultToken"].pop("value") == "C01X00T47", "a key shows no value"
    assert found == {name: answer | {"isReplay": True} for name, answer in answers.items()}
    assert shop.ask(RESULT, key="never used")["resultOfKey"] is None
    assert {rides.ask(RESULT, key=name)["resultOfKey"] for name in answers} == {None}


def test_a_key_leads_to_the_refusal_that_it_got_and_not_to_one_of_a_malformed_request(shop, pair):
    bank, wallet = pair
    gone = f"trf_{1:032x}"
    refused = shop.move((bank, wallet, "5"), (wallet, bank, "600"), key="poor")
    missing = shop.mutate("reverseTransfer", "", key="gone", transfer=gone)
    shop.move((bank, wallet, "-1"), key="malformed")

    poor, none = (shop.ask(RESULT, key=key)["resultOfKey"] for key in ("poor", "gone"))

    assert {name: poor[name] for name in refused} == refused
    assert (poor["isReplay"], poor["index"]) == (True, 1)
    assert (none["__typename"], none["message"]) == (missing["__typename"], missing["message"])
    assert shop.ask(RESULT, key="malformed")["resultOfKey"] is None


def test_a_refusal_that_was_recorded_is_marked_when_it_is_given_again(shop, pair):
    bank, wallet = pair
    mark = "... on Refusal { isReplay }"
    asked = {
        "posting": ("postTransfers", {"transfers": [_transfer(wallet, bank, "600")]}),
        "reversing": ("reverseTransfer", {"transfer": f"trf_{1:032x}"}),
        "changing": ("changeAccountTerms", {"account": f"acc_{1:032x}", "frozen": "ALL", "reason": "a test"}),
    }

    first = {key: shop.mutate(name, mark, key=key, **wanted) for key, (name, wanted) in asked.items()}
    again = {key: shop.mutate(name, mark, key=key, **wanted) for key, (name, wanted) in asked.items()}

    assert [each["isReplay"] for each in first.values()] == [False] * 3
    assert again == {key: each | {"isReplay": True} for key, each in first.items()}


def test_a_conflict_names_what_the_key_did_first_whatever_that_was(shop, pair):
    bank, wallet = pair
    first = "... on IdempotencyConflict { firstId }"
    posted = shop.move((bank, wallet, "1"), key="posted")["transfers"][0]["id"]
    opened = shop.mutate("openAccount", "... on OpenedAccount { account { id } }", key="opened",
                         externalRef="till", currency="USD", kind="MERCHANT")["account"]["id"]  # fmt: skip
    shop.mutate("reverseTransfer", "", key="refused", transfer=f"trf_{1:032x}")
    opening = {"externalRef": "x", "currency": "USD", "kind": "EXTERNAL"}

    asked = [
        shop.mutate("postTransfers", first, key="posted", transfers=[_transfer(bank, wallet, "2")]),
        shop.mutate("postTransfers", first, key="opened", transfers=[_transfer(bank, wallet, "2")]),
        shop.mutate("postTransfers", first, key="refused", transfers=[_transfer(bank, wallet, "2")]),
        shop.mutate("openAccount", first, key="posted", **opening),
        shop.mutate("openAccount", first, key="opened", **opening),
        shop.mutate("openAccount", first, key="refused", **opening),
    ]

    assert {each["__typename"] for each in asked} == {"IdempotencyConflict"}
    assert [each["firstId"] for each in asked] == [posted, opened, None] * 2


@pytest.mark.parametrize("name", ["postTransfers", "openAccount", "beginMonitor"])
def test_fifty_equal_requests_at_once_are_one_change_and_fifty_equal_answers(shop, pair, name):
    bank, wallet = pair
    wanted = {
        "postTransfers": {"transfers": [_transfer(bank, wallet, "7")]},
        "openAccount": {"externalRef": "till", "currency": "USD", "kind": "MERCHANT"},
        "beginMonitor": {"account": bank, "measure": "POSTED", "comparison": "ABOVE", "thresholdMinor": "5"},
    }[name]

    with ThreadPoolExecutor(25) as threads:
        answers = list(threads.map(lambda _: _asked(shop, name, **wanted), range(50)))

    assert [each["isReplay"] for each in answers].count(False) == 1
    assert [each | {"isReplay": True} for each in answers] == [answers[0] | {"isReplay": True}] * 50
