"""What one partner asks for is bounded before it runs, and what it holds is held by nobody else."""

import gc
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import httpx
import pytest

from api import context
from api.limits.buckets import Allowance
from ledger.journal.position_tokens import token_of
from tests.api.conftest import Caller
from tests.api.limits.test_deadlines import closed, eventually

HOLDS = "mutation ($key: String!, $input: OpenAccountInput!) { openAccount(idempotencyKey: $key, input: $input) {"
NESTED = "{ accounts(first: 100) { nodes { openHolds(first: 100) { nodes { id amount { decimal } } } } } }"
NEVER_REACHED = f'{{ accounts(minPosition: "{token_of(9_000_000_000)}") {{ asOf }} }}'
MANY = "{" + " ".join(f"a{number}: transfers(first: 100) {{ nodes {{ id }} }}" for number in range(13)) + "}"


CANCELLED = pytest.mark.filterwarnings(
    "ignore:The garbage collector is trying to clean up", "ignore:.*was deleted while still open"
)
"""SQLAlchemy leaves a connection to the collector if a request is cancelled while it is opened."""


@pytest.fixture
def collected() -> Iterator[None]:
    yield
    gc.collect()


@contextmanager
def at(address: str, *callers: Caller) -> Iterator[list[Caller]]:
    """The callers at another server."""
    with httpx.Client(base_url=address, timeout=30, trust_env=False, verify=False) as http:
        yield [Caller(each.key, each.partner_id, http) for each in callers]


def connected(caller: Caller) -> socket.socket:
    parts = urlsplit(str(caller.http.base_url))
    return socket.create_connection((parts.hostname, parts.port), timeout=30)


def head(caller: Caller, path: str, length: int, *, key: str | None = None, kind: str = "application/json") -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {key or caller.key}"]
    return "\r\n".join([*lines, f"Content-Type: {kind}", f"Content-Length: {length}", "\r\n"]).encode()


def whole(caller: Caller, query: str) -> bytes:
    body = b'{"query":"%s"}' % query.replace('"', '\\"').encode()
    return head(caller, "/graphql", len(body)) + body


def test_an_answer_says_what_it_cost_and_what_is_left(shop):
    shop.ask("{ me { id } }")

    response = shop.post("{ me { id } }")

    cost = response.json()["extensions"]["cost"]
    assert {name: cost[name] for name in ("requested", "ceiling", "restoredPerSecond")} == {
        "requested": 50 + 1 + 20 + 1,
        "ceiling": 15_000,
        "restoredPerSecond": 100_000,
    }
    assert response.headers["RateLimit-Policy"] == '"points";q=300000;w=3'
    assert response.headers["RateLimit"].startswith(f'"points";r={cost["available"]};t=')


def test_a_change_whose_answer_asks_for_too_large_a_page_is_not_done(shop):
    query = f"{HOLDS} ... on OpenedAccount {{ account {{ openHolds(first: 101) {{ nodes {{ id }} }} }} }} }} }}"
    wanted = {"externalRef": "never", "currency": "USD", "kind": "EXTERNAL"}

    body = shop.post(query, {"key": "k", "input": wanted}).json()

    assert "data" not in body
    assert [error["extensions"]["code"] for error in body["errors"]] == ["INVALID_INPUT"]
    assert body["errors"][0]["locations"]
    assert shop.ask('{ account(externalRef: "shop:never") { id } }') == {"account": None}


@pytest.mark.parametrize("query", [MANY, NESTED], ids=["many", "nested"])
def test_a_request_beyond_the_ceiling_is_refused_and_another_partner_is_answered(shop, rides, query):
    for accept, status in [("application/json", 200), ("application/graphql-response+json", 400)]:
        response = shop.post(query, accept=accept)

        assert response.status_code == status
        assert response.json()["errors"][0]["extensions"]["code"] == "COST_TOO_HIGH"
    assert rides.ask("{ me { id } }")["me"]


def test_a_partner_without_points_is_told_when_to_come_back_and_another_has_its_own(shop, rides, serve, api_database):
    with (
        serve(api_database, allowance=Allowance(1_000, 1_200, 50)) as address,
        at(address, shop, rides) as (poor, rich),
    ):
        answers = (poor.post("{ me { id } }") for _ in range(100))  # none is sent after the first that is refused

        refused = next(each for each in answers if each.status_code == 429)
        assert refused.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
        assert rich.ask("{ me { id } }")["me"]
        time.sleep(int(refused.headers["Retry-After"]))
        assert poor.post("{ me { id } }").status_code == 200


def test_a_document_that_is_not_known_costs_more_than_one_that_is(shop, serve, api_database):
    query = "{ me { id name } } # only here"
    with serve(api_database, allowance=Allowance(15_000, 300_000, 1)) as address, at(address, shop) as (caller,):
        first, second = (caller.post(query).json()["extensions"]["cost"] for _ in range(2))

    assert first["requested"] == second["requested"] == 73
    assert first["available"] == 300_000 - (200 + 5 * len(query)) - 73
    assert first["available"] - second["available"] in (73, 72)


def test_a_refusal_that_stays_in_the_journal_costs_points(shop, serve, api_database):
    bank, wallet = shop.account("bank"), shop.account("wallet", "CUSTOMER")
    with serve(api_database, allowance=Allowance(15_000, 300_000, 1)) as address, at(address, shop) as (caller,):
        caller.move((bank, wallet, "1"), key="known")
        before = caller.post("{ me { id } }").json()["extensions"]["cost"]["available"]

        caller.move((wallet, bank, "99999"), key="too much")

        after = caller.post("{ me { id } }").json()["extensions"]["cost"]
        posted = before - after["available"] - after["requested"]
        caller.move((bank, wallet, "1"), key="again")
        last = caller.post("{ me { id } }").json()["extensions"]["cost"]
        assert posted - (after["available"] - last["available"] - last["requested"]) == 200


def test_keys_are_not_guessed_without_end_and_a_known_key_keeps_its_access(shop, serve, api_database):
    with serve(api_database) as address, at(address, shop) as (caller,):
        caller.ask("{ me { id } }")
        guesser = Caller("cdk_" + "0" * 32 + "_" + "x" * 43, caller.partner_id, caller.http)

        statuses = [guesser.post("{ me { id } }").status_code for _ in range(30)]

        assert statuses[:20] == [401] * 20
        assert 429 in statuses
        assert caller.ask("{ me { id } }")["me"]


def test_half_a_body_without_a_valid_key_is_answered_before_the_rest_comes(shop):
    with ExitStack() as stack:
        clients = [stack.enter_context(connected(shop)) for _ in range(8)]
        for client in clients:
            client.sendall(head(shop, "/graphql", 50, key="cdk_wrong") + b"{")

        assert all(b" 401 " in client.recv(1000) for client in clients)
        assert all(closed(client) for client in clients)


def test_half_a_body_is_given_up_and_its_connection_closed(shop):
    with connected(shop) as client:
        client.sendall(head(shop, "/graphql", 50) + b"{")

        assert b" 408 " in client.recv(1000)
        assert closed(client)


def test_slow_bulks_of_one_partner_take_no_turn_of_another(shop, rides):
    arrow = "application/vnd.apache.arrow.stream"
    with ExitStack() as stack:
        for _ in range(4):
            client = stack.enter_context(connected(shop))
            client.sendall(head(shop, "/transfers", 50, kind=arrow) + b"x")

        headers = {"Authorization": f"Bearer {rides.key}", "Content-Type": arrow}
        answer = rides.http.post("/transfers", content=b"no arrow", headers=headers)

        assert answer.status_code == 400


@CANCELLED
@pytest.mark.usefixtures("collected")
def test_waiting_for_a_position_holds_nothing_of_another_partner(shop, rides, monkeypatch):
    monkeypatch.setattr(context, "_WAIT_SECONDS", 600)
    with ExitStack() as stack:
        waiting = [stack.enter_context(connected(shop)) for _ in range(60)]
        for client in waiting:
            client.sendall(whole(shop, NEVER_REACHED))

        assert rides.ask("{ me { id } }")["me"]
        assert not any(_has_answer(client) for client in waiting)


@CANCELLED
@pytest.mark.usefixtures("collected")
def test_a_client_that_goes_away_ends_its_query(shop, monkeypatch, caplog):
    monkeypatch.setattr(context, "_WAIT_SECONDS", 600)
    caplog.set_level("INFO", "cofferdam.api")
    for _ in range(8):
        with connected(shop) as client:
            client.sendall(whole(shop, NEVER_REACHED))
            time.sleep(0.05)

    eventually(lambda: len(_left(caplog)) == 8)

    assert all(line.duration_ms < 5_000 for line in _left(caplog))
    assert not any(line.exc_info for line in caplog.records)


@CANCELLED
@pytest.mark.usefixtures("collected")
@pytest.mark.slow
def test_a_request_that_takes_too_long_is_stopped_and_says_so(shop, monkeypatch):
    monkeypatch.setattr(context, "_WAIT_SECONDS", 600)

    response = shop.post(NEVER_REACHED)

    assert response.status_code == 504
    assert response.json()["errors"][0]["extensions"]["code"] == "DEADLINE_EXCEEDED"
    assert shop.ask("{ me { id } }")["me"]


def _left(caplog: pytest.LogCaptureFixture) -> list:
    return [line for line in caplog.records if getattr(line, "status", None) == 499]


def _has_answer(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return bool(client.recv(1))
    except BlockingIOError:
        return False
