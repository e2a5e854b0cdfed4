"""The API at the worst moment: killed between a commit and its answer."""

import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
RESULT = "query ($key: String!) { resultOfKey(idempotencyKey: $key) { __typename ... on Success { position } } }"


@pytest.fixture
def dying(shop, api_database):
    """The same partner at a server that dies before it answers."""
    command = [sys.executable, "-m", "tests.api.dying_server", api_database]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as process:
        address = process.stdout.readline().strip()
        with httpx.Client(base_url=address, timeout=30, trust_env=False, verify=False) as http:
            yield replace(shop, http=http)
        process.stdin.close()
        assert process.wait(30) == -signal.SIGKILL


@pytest.mark.parametrize("change", ["postTransfers", "openAccount"])
def test_a_change_whose_answer_was_lost_to_a_kill_is_answered_as_it_was_done(shop, dying, change):
    bank, wallet = shop.account("bank"), shop.account("wallet")
    money = {"amountMinor": "1050", "currency": "USD"}
    wanted = {
        "postTransfers": {
            "transfers": [{"debitAccount": bank, "creditAccount": wallet, "amount": money, "code": "payment"}] * 2
        },
        "openAccount": {"externalRef": "till", "currency": "USD", "kind": "MERCHANT"},
    }[change]
    shown = "... on Success { position isReplay }"
    with suppress(httpx.HTTPError):
        dying.mutate(change, shown, key="k", **wanted)
        raise AssertionError("it answered")

    found = shop.ask(RESULT, key="k")["resultOfKey"]
    again = shop.mutate(change, shown, key="k", **wanted)

    assert again["isReplay"]
    assert {**found, "isReplay": True} == again
    assert shop.mutate(change, shown, key="k", **wanted) == again
