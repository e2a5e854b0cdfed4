"""The application around the schema: health, pages, a store that goes away, and a clean end."""

import asyncio
import re
import threading
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
import sqlalchemy as sa

from api import health
from api.context import Snapshot
from api.health import operations
from ledger.kernel.operations import Operation, note_failure, note_success
from ledger.kernel.version import VERSION

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("key", [None, "cdk_unknown", "of the partner"])
def test_health_names_no_book_and_no_position_whoever_asks(shop, key):
    shop.account("bank")
    headers = {} if key is None else {"Authorization": f"Bearer {shop.key if key == 'of the partner' else key}"}

    answer = shop.http.get("/health", headers=headers)

    assert (answer.status_code, answer.json()) == (200, {"ok": True, "version": VERSION})


def test_health_asks_the_store_once_in_a_second_however_many_ask(store, monkeypatch):
    asked, now = [], [100.0]
    monkeypatch.setattr(health, "health", lambda _engine: asked.append(1) or {"ok": True})
    checked = health.Health(store, None, clock=lambda: now[0])

    async def ask_often() -> None:
        await asyncio.gather(*(checked.found() for _ in range(50)))

    asyncio.run(ask_often())
    now[0] += 1
    asyncio.run(ask_often())

    assert len(asked) == 2


def test_health_says_of_each_operation_when_it_last_succeeded_and_how_late_it_is_and_never_why_one_failed(settings):
    now = datetime.now(UTC)
    note_success(settings, Operation.BUILD, clock=lambda: now - timedelta(hours=1))
    note_failure(settings, Operation.ZERO_CHECK, "book secret-bank lacks 1.00 USD")

    shown = {each["name"]: each for each in operations(settings)}

    assert set(shown) == set(Operation)
    assert shown["build"]["succeededAt"] == now - timedelta(hours=1)
    assert 1800 <= shown["build"]["lateSeconds"] < 1900
    assert (shown["zero_check"]["failed"], shown["zero_check"]["succeededAt"]) == (True, None)
    assert "secret-bank" not in str(shown)


def test_the_version_is_the_project_s():
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


@pytest.mark.parametrize("path", ["/", "/guide", "/schema.graphql", "/schema.json", "/graphql", "/static/explorer.js"])
def test_what_the_pages_name_is_there_and_from_this_origin(address, path):
    response = httpx.get(f"{address}{path}", headers={"Accept": "text/html"}, trust_env=False, verify=False)

    assert response.status_code == 200
    assert not re.findall(r"(?:src|href)=.https?://|@import|fetch\(.https?://", response.text)


def test_a_page_may_run_scripts_of_this_origin_only(address):
    policy = httpx.get(f"{address}/graphql", headers={"Accept": "text/html"}, trust_env=False, verify=False).headers[
        "content-security-policy"
    ]

    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "connect-src 'self';" in policy


def test_a_change_whose_answer_cannot_be_read_is_unavailable_and_a_resend_gets_the_answer(shop, monkeypatch):
    bank, wallet = shop.account("bank"), shop.account("wallet", "CUSTOMER")

    def gone(_snapshot):
        raise sa.exc.OperationalError("SELECT", {}, psycopg.OperationalError("the connection is lost"))

    dated = {"effectiveOn": datetime.now(UTC).date().isoformat()}  # by the book's calendar, so that the answer is read

    with monkeypatch.context() as patch:
        patch.setattr(Snapshot, "_narrowed", gone)
        refused = shop.move((bank, wallet, "100"), key="top up", **dated)
    done = shop.move((bank, wallet, "100"), key="top up", **dated)

    assert (refused["__typename"], refused["code"]) == ("Unavailable", "UNAVAILABLE")
    assert done["__typename"] == "PostedTransfers"
    (account,) = shop.ask("query ($id: ID!) { account(id: $id) { balance { amountMinor } } }", id=wallet).values()
    assert account["balance"]["amountMinor"] == "100"


@pytest.fixture
def doomed(server, serve):
    """An API on a database that is dropped while it runs."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE doomed TEMPLATE template")
        with serve(sa.make_url(server).set(database="doomed").render_as_string(hide_password=False)) as url:
            yield url, lambda: connection.execute("DROP DATABASE doomed WITH (FORCE)")


def test_a_store_that_is_gone_is_unavailable_and_not_a_bug(doomed):
    url, drop = doomed
    key = "cdk_" + "0" * 32 + "_" + "a" * 43
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=url, trust_env=False, verify=False, timeout=30) as http:
        before = http.post("/graphql", json={"query": "{ me { id } }"}, headers=headers)

        drop()
        after = http.post("/graphql", json={"query": "{ me { id } }"}, headers=headers)
        health = http.get("/health")

    assert before.status_code == 401
    assert (after.status_code, after.headers["retry-after"]) == (503, "1")
    assert after.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    assert "doomed" not in after.text
    assert (health.status_code, health.json()["ok"]) == (503, False)


def test_the_committers_end_with_the_server(serve, api_database, shop):
    bank, wallet = shop.account("bank"), shop.account("wallet", "CUSTOMER")
    book = None
    with (
        serve(api_database) as url,
        httpx.Client(base_url=url, trust_env=False, verify=False, timeout=30) as http,
    ):
        other = type(shop)(shop.key, shop.partner_id, http)
        before = {thread.name for thread in threading.enumerate()}
        other.move((bank, wallet, "1"), key="k")
        book = {thread.name for thread in threading.enumerate()} - before

    assert any(name.startswith("committer-") for name in book)
    assert book.isdisjoint(thread.name for thread in threading.enumerate())
