"""The guide of the sandbox: every example of it is valid, and runs as it stands, from a live key to a replay."""

import json
import re
import time
from dataclasses import replace
from pathlib import Path

from graphql import build_schema, parse, validate

from api.graphql.codes import RefusalCode
from api.graphql.schema import sdl
from ledger.sandboxes.magic_accounts import MAGIC_ACCOUNTS

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "sandbox.md"
PATIENCE_SECONDS = 60


def _text():
    return GUIDE.read_text(encoding="utf-8")


def _examples():
    return re.findall(r"```graphql\n(.*?)```", _text(), re.DOTALL)


def test_every_example_is_valid():
    schema = build_schema(sdl())

    assert [error for example in _examples() for error in validate(schema, parse(example))] == []


def test_the_table_of_magic_accounts_is_the_declared_one():
    rows = dict(re.findall(r"^\| `(sandbox:[a-z]+)` \| is (done|refused with `[A-Z_]+`)", _text(), re.MULTILINE))

    assert rows == {
        each.external_ref: "done" if each.result is None else f"refused with `{RefusalCode(each.result.value).name}`"
        for each in MAGIC_ACCOUNTS
    }


def test_the_examples_go_from_a_live_key_to_a_replayed_request(shop):
    creating, opening, funding, paying, declining, listing, holding, advancing, logged, replaying = _examples()

    tester = replace(shop, key=shop.ask(creating)["createTestKey"]["testKey"])
    wallet = tester.ask(opening)["openAccount"]["account"]["id"]
    funded = tester.ask(funding, wallet=wallet)["fundSandboxAccount"]["transfers"][0]
    paid = tester.ask(paying, wallet=wallet)["paySandboxMerchant"]["transfers"][0]
    declined = tester.ask(declining, wallet=wallet)["declineSandboxPayment"]
    magic = {each["externalRef"]: each["account"] for each in tester.ask(listing)["magicAccounts"]}
    held = tester.ask(holding, wallet=wallet, merchant=magic["sandbox:merchant"])["postTransfers"]["transfers"][0]
    advanced = tester.ask(advancing)["advanceSandboxClock"]
    state = tester.ask("query ($id: ID!) { node(id: $id) { ... on Transfer { state } } }", id=held["id"])
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (refused := tester.ask(logged)["sandboxRequests"]["nodes"]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    replayed = tester.ask(replaying, request=refused[0]["id"])["replayRequest"]

    assert (funded["amount"]["decimal"], paid["amount"]["decimal"]) == ("50.00", "12.50")
    assert (declined["code"], refused[0]["codes"]) == ("INSUFFICIENT_FUNDS", ["INSUFFICIENT_FUNDS"])
    assert (held["state"], state["node"]["state"]) == ("OPEN", "EXPIRED")
    assert advanced["stillDue"] == []
    assert json.loads(replayed["answer"])["data"]["declineSandboxPayment"]["code"] == "INSUFFICIENT_FUNDS"
