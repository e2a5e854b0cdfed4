"""The test side of a partner as its developer meets it: a key, scenarios, a clock, and webhooks of what happened."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from api.graphql.schema import EXECUTABLE
from api.requests import Operation
from api.sandbox.request_log import LOGGED_REQUESTS, RequestLog
from ledger.kernel.ids import BookId, PartnerId, new_id
from ledger.tenancy.api_keys import Principal
from ledger.tenancy.key_texts import parsed_key
from ledger.tenancy.records import ApiKeyId
from ledger.vault.vault import Vault
from tests.api.conftest import Caller, served
from tests.conftest import KEYRINGS
from tests.faults.peers import peer

PATIENCE_SECONDS = 60
ADVANCED = "... on AdvancedSandboxClock { position isReplay movedFrom movedTo stillDue { kind since } }"
POSTED = "... on PostedTransfers { isReplay transfers { id kind state debitAccountId creditAccountId } }"
MAGIC = "{ magicAccounts { externalRef account description outcome } }"
SECRET_CARD = "4242424242424242"
LOG = """
    query ($name: String, $outcome: SandboxRequestOutcome) {
      sandboxRequests(operationName: $name, outcome: $outcome) { nodes {
        id askedAt operationName operationType document variables status outcome codes position isReplayable } } }
"""
CLOCK = "{ sandboxClock { now aheadSeconds } }"


@pytest.fixture
def tester(shop: Caller) -> Caller:
    """The partner's application with a test key."""
    made = shop.mutate("createTestKey", "... on CreatedTestKey { testKey }", key="a test key")
    return replace(shop, key=made["testKey"])


def _usd(minor: int) -> dict[str, str]:
    return {"amountMinor": str(minor), "currency": "USD"}


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _balance(caller: Caller, account: str) -> str:
    return caller.ask("query ($id: ID!) { account(id: $id) { balance { decimal } } }", id=account)["account"][
        "balance"
    ]["decimal"]


def test_a_test_key_is_shown_once_and_reaches_nothing_live(shop, rides, tester):
    till = shop.account("till")
    again = shop.mutate("createTestKey", "... on CreatedTestKey { testKey isReplay }", key="a test key")

    assert (again["testKey"], again["isReplay"]) == (None, True)
    assert parsed_key(tester.key).is_test
    for caller, side in ((shop, "LIVE"), (rides, "LIVE"), (tester, "TEST")):
        answer = caller.post("{ me { id externalRef environment } }")
        assert answer.json()["data"]["me"]["environment"] == side
        assert answer.headers["cofferdam-environment"] == side.lower()
    refused = tester.post("{ nothing }")
    assert refused.headers["cofferdam-environment"] == "test"
    assert "cofferdam-environment" not in replace(tester, key=tester.key[:-1]).post("{ me { id } }").headers
    mine = tester.ask("{ me { id externalRef } }")["me"]
    assert (mine["externalRef"], mine["id"] == shop.ask("{ me { id } }")["me"]["id"]) == ("shop", False)
    assert tester.ask("query ($id: ID!) { account(id: $id) { id } }", id=till) == {"account": None}
    there = tester.account("till")
    assert shop.ask("query ($id: ID!) { node(id: $id) { id } }", id=there) == {"node": None}


def test_a_key_of_the_other_side_is_refused(shop, tester):
    account = shop.account("till")
    more = {"account": account, "amount": _usd(1)}

    answers = [
        tester.mutate("createTestKey", "", key="k1"),
        shop.mutate("advanceSandboxClock", "", key="k2", bySeconds=1),
        shop.mutate("fundSandboxAccount", "", key="k3", **more),
        shop.mutate("paySandboxMerchant", "", key="k4", **more),
        shop.mutate("declineSandboxPayment", "", key="k5", reason="INSUFFICIENT_FUNDS", **more),
    ]

    assert [each["__typename"] for each in answers] == ["WrongEnvironment"] * 5
    assert [each["code"] for each in answers] == ["LIVE_ONLY", *["SANDBOX_ONLY"] * 4]
    assert (shop.ask(MAGIC), shop.ask(CLOCK)) == ({"magicAccounts": []}, {"sandboxClock": None})


def test_every_declared_reason_declines_a_payment(tester):
    wallet = tester.account("wallet", "MERCHANT")
    told = tester.ask(MAGIC)["magicAccounts"]
    reasons = [each["outcome"] for each in told if each["outcome"] is not None]

    declined = [
        tester.mutate("declineSandboxPayment", "", key=each, reason=each, account=wallet, amount=_usd(5))
        for each in reasons
    ]
    again = tester.mutate(
        "declineSandboxPayment", "", key=reasons[0], reason=reasons[0], account=wallet, amount=_usd(5)
    )

    assert [each["code"] for each in declined] == reasons
    assert len(reasons) >= 4
    assert again["code"] == reasons[0]
    assert _balance(tester, wallet) == "0.00"
    by_hand = {each["externalRef"]: each["account"] for each in told}
    assert tester.move((by_hand["sandbox:empty"], wallet, "5"), key="own")["code"] == "INSUFFICIENT_FUNDS"
    assert tester.move((by_hand["sandbox:bank"], wallet, "5"), key="bank")["__typename"] == "PostedTransfers"


def test_the_clock_moves_once_for_a_key_and_only_forward(tester):
    first = tester.mutate("advanceSandboxClock", ADVANCED, key="a", bySeconds=86_400)
    again = tester.mutate("advanceSandboxClock", ADVANCED, key="a", bySeconds=86_400)
    clock = tester.ask(CLOCK)["sandboxClock"]
    back = tester.mutate("advanceSandboxClock", ADVANCED, key="b", to=first["movedFrom"])
    both = tester.mutate("advanceSandboxClock", ADVANCED, key="c", to=clock["now"], bySeconds=1)

    assert (first["isReplay"], again["isReplay"]) == (False, True)
    assert {**again, "isReplay": False} == first
    assert _instant(first["movedTo"]) - _instant(first["movedFrom"]) == timedelta(days=1)
    assert 86_399 <= clock["aheadSeconds"] <= 86_401
    assert [each["__typename"] for each in (back, both)] == ["InvalidInput"] * 2
    assert _instant(tester.ask("{ me { registeredAt } }")["me"]["registeredAt"]) < _instant(first["movedTo"])


def test_a_scenario_is_played_mutation_by_mutation_and_shows_in_webhooks_and_statements(tester):
    with peer() as other:
        url, types = other.address, ["TRANSFER_POSTED", "TRANSFER_REJECTED"]
        tester.mutate("createWebhookEndpoint", "", key="hook", url=url, eventTypes=types, isOrdered=True)
        wallet = tester.open("wallet", "MERCHANT", debitsWithinCredits=True)["account"]["id"]
        merchant = next(
            each["account"] for each in tester.ask(MAGIC)["magicAccounts"] if each["externalRef"] == "sandbox:merchant"
        )

        money = {"account": wallet, "amount": _usd(5_000)}
        played = [
            tester.mutate("fundSandboxAccount", POSTED, key="fund", **money),
            tester.mutate("paySandboxMerchant", POSTED, key="pay", account=wallet, amount=_usd(1_250)),
            tester.mutate("declineSandboxPayment", POSTED, key="decline", reason="INSUFFICIENT_FUNDS", **money),
        ]
        tester.move((wallet, merchant, "1000"), key="hold", hold=True, timeoutSeconds=7 * 86_400)
        available = "query ($id: ID!) { account(id: $id) { available { decimal } } }"
        held = tester.ask(available, id=wallet)
        advanced = tester.mutate("advanceSandboxClock", ADVANCED, key="forward", bySeconds=7 * 86_400)
        freed = tester.ask(available, id=wallet)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(other.sent) < 5:
            assert time.monotonic() < deadline, other.sent
            time.sleep(0.02)

    assert [each["__typename"] for each in played] == ["PostedTransfers", "PostedTransfers", "InsufficientFunds"]
    assert [each["account"]["available"]["decimal"] for each in (held, freed)] == ["27.50", "37.50"]
    assert [each for each in advanced["stillDue"] if each["kind"] == "HOLD"] == []
    bodies = [json.loads(body) for _, body in other.sent]
    assert [(each["type"], each["data"].get("kind")) for each in bodies] == [
        ("transfer.posted", "transfer"),
        ("transfer.posted", "transfer"),
        ("transfer.rejected", "transfer"),
        ("transfer.posted", "hold"),
        ("transfer.posted", "expiry"),
    ]
    now = datetime.now(UTC).timestamp()
    assert all(abs(int(headers["webhook-timestamp"]) - now) < 120 for headers, _ in other.sent)
    statement = tester.ask(
        """query ($id: ID!, $from: Date!, $until: Date!) {
             account(id: $id) { statement(from: $from, until: $until) { closing { decimal } } } }""",
        id=wallet,
        **{
            "from": str(datetime.now(UTC).date()),
            "until": str(_instant(advanced["movedTo"]).date() + timedelta(days=1)),
        },
    )
    assert statement["account"]["statement"]["closing"]["decimal"] == "37.50"


def _logged(caller: Caller, count: int, **which: object) -> list[dict[str, Any]]:
    """The newest requests in the log, once there are so many."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(found := caller.ask(LOG, **which)["sandboxRequests"]["nodes"]) < count:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def test_requests_of_test_keys_are_kept_without_secrets_and_replayed_under_either_key(shop, tester, store):
    wallet = tester.account("wallet", "MERCHANT")
    fund = """mutation Fund($input: FundSandboxAccountInput!, $key: String!) {
                fundSandboxAccount(input: $input, idempotencyKey: $key) {
                  __typename ... on PostedTransfers { isReplay transfers { id } } } }"""
    card = """mutation Card($input: CreateVaultTokenInput!) {
                createVaultToken(input: $input, idempotencyKey: "card") { __typename } }"""
    first = tester.ask(fund, input={"account": wallet, "amount": _usd(700)}, key="fund")["fundSandboxAccount"]
    tester.ask(card, input={"kind": "CARD", "value": SECRET_CARD})
    tester.post("query Wrong { nothing }")
    tester.mutate("declineSandboxPayment", "", key="no", account=wallet, amount=_usd(1), reason="INSUFFICIENT_FUNDS")
    shop.ask("query Live { me { id } }")

    (funded,) = _logged(tester, 1, name="Fund")
    (carded,) = _logged(tester, 1, name="Card")
    (refused,) = _logged(tester, 1, outcome="REFUSED")
    (failed,) = _logged(tester, 1, outcome="FAILED")
    by_old = _replayed(tester, funded["id"], key="any", keepsKey=True)
    by_new = _replayed(tester, funded["id"], key="anew")
    again = _replayed(tester, funded["id"], key="anew")
    secret = tester.mutate("replayRequest", "", key="card again", sandboxRequest=carded["id"])
    unread = tester.mutate("replayRequest", "", key="failed again", sandboxRequest=failed["id"])
    inner = """mutation Nested($id: ID!) {
                 replayRequest(input: {sandboxRequest: $id}, idempotencyKey: "n0") { __typename } }"""
    tester.ask(inner, id=funded["id"])
    nested = _replayed(tester, _logged(tester, 1, name="Nested")[0]["id"], key="n")
    foreign = shop.mutate("replayRequest", "", key="foreign", sandboxRequest=funded["id"])

    node = "query ($id: ID!) { node(id: $id) { id __typename } }"
    assert tester.ask(node, id=funded["id"])["node"] == {"id": funded["id"], "__typename": "SandboxRequest"}
    assert shop.ask(node, id=funded["id"]) == {"node": None}
    assert (funded["status"], funded["outcome"], funded["isReplayable"]) == (200, "DONE", True)
    assert json.loads(funded["variables"])["key"] == "fund"
    assert funded["document"] == fund
    assert funded["position"] is not None
    assert json.loads(carded["variables"])["input"]["value"] == "***"
    assert (carded["isReplayable"], refused["codes"]) == (False, ["INSUFFICIENT_FUNDS"])
    assert (failed["document"], failed["variables"], failed["operationName"]) == (None, None, None)
    answers = [each["data"]["fundSandboxAccount"] for each in (by_old, by_new, again)]
    assert answers[0] == {**first, "isReplay": True}
    assert answers[1]["isReplay"] is False
    assert answers[2] == {**answers[1], "isReplay": True}
    assert answers[1]["transfers"] != first["transfers"]
    assert _balance(tester, wallet) == "21.00"
    assert [each["__typename"] for each in (secret, unread, foreign)] == [*["InvalidInput"] * 2, "WrongEnvironment"]
    assert nested["data"]["replayRequest"]["__typename"] == "InvalidInput"
    assert shop.ask(LOG)["sandboxRequests"]["nodes"] == []
    with store.connect() as connection:
        rows = connection.exec_driver_sql("SELECT sandbox_requests::text FROM sandbox_requests").scalars().all()
    assert not any(SECRET_CARD in row or wallet in row or "fundSandboxAccount" in row for row in rows)


def _replayed(caller: Caller, request: str, *, key: str, **more: object) -> dict[str, Any]:
    done = caller.mutate("replayRequest", "... on ReplayedRequest { answer }", key=key, sandboxRequest=request, **more)
    return json.loads(done["answer"])


def test_requests_are_kept_for_thirty_days_in_pages_and_none_is_awaited(store, tester):
    for number in range(5):
        tester.ask(f"query Q{number} {{ me {{ id }} }}")
    newest = _logged(tester, 5)
    page = "query ($after: String) { sandboxRequests(first: 2, after: $after) { nodes { id } pageInfo { endCursor } } }"
    walked, after = [], None
    for _ in range(2):
        found = tester.ask(page, after=after)["sandboxRequests"]
        walked += [each["id"] for each in found["nodes"]]
        after = found["pageInfo"]["endCursor"]
    log = RequestLog(store, Vault(store, KEYRINGS), clock=lambda: datetime.now(UTC) + timedelta(days=29, hours=23))
    early = log.sweep()
    late = RequestLog(store, Vault(store, KEYRINGS), clock=lambda: datetime.now(UTC) + timedelta(days=30, minutes=1))

    assert len(set(walked)) == 4
    assert [each["askedAt"] for each in newest] == sorted((each["askedAt"] for each in newest), reverse=True)
    assert early == 0
    assert late.sweep() >= 5
    assert late.sweep() == 0


def test_a_log_whose_store_is_away_drops_entries_and_says_so():
    away = sa.create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    log = RequestLog(away, Vault(away, KEYRINGS))
    before = LOGGED_REQUESTS.of("dropped").cells[0]
    principal = Principal(BookId(1), PartnerId(new_id()), ApiKeyId(new_id()), frozenset(), b"", is_test=True)
    operation = Operation("{ me { id } }", None, None, may_change=True)
    for _ in range(2_001):
        with log.begun(principal, operation, EXECUTABLE.built, "r"):
            pass

    assert log.store() == 200
    assert LOGGED_REQUESTS.of("dropped").cells[0] - before == 201


def test_webhooks_of_sandboxes_reach_this_machine_by_a_setting_alone(shop, api_database):
    tester = shop.mutate("createTestKey", "... on CreatedTestKey { testKey }", key="a test key")["testKey"]
    types = ["TRANSFER_POSTED"]
    urls = [("http://127.0.0.1:1/a", "k1"), ("http://[::1]:1/a", "k2"), ("http://10.0.0.1/a", "k3")]

    def created_at(url: str, key: str, run: object) -> list[str]:
        with httpx.Client(base_url=url, timeout=30, trust_env=False, verify=False) as http:
            caller = Caller(key, shop.partner_id, http)
            return [
                caller.mutate("createWebhookEndpoint", "", key=f"{run} {name}", url=to, eventTypes=types)["__typename"]
                for to, name in urls
            ]

    found = {}
    for is_allowed in (False, True):
        with served(api_database, sandboxes_call_loopback=is_allowed) as url:
            for side, key in (("live", shop.key), ("test", tester)):
                found[is_allowed, side] = created_at(url, key, is_allowed)

    refused, created = "InvalidInput", "ChangedWebhookEndpoint"
    assert found == {
        (False, "live"): [refused] * 3,
        (False, "test"): [refused] * 3,
        (True, "live"): [refused] * 3,
        (True, "test"): [created, created, refused],
    }
