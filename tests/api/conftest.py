"""The API over real HTTP: a server in a thread on a free loopback port, two partners with keys and accounts."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import psycopg
import pytest
import sqlalchemy as sa
import uvicorn

from api.app import build_app
from api.limits.idle_connections import BoundedHttpTools
from api.limits.sockets import BoundedWebSockets
from api.requests import BODY_BYTES_MAX
from ledger.journal.partner_heads import position_of_ordinal
from ledger.journal.position_tokens import ordinal_of, token_of
from ledger.kernel.engines import create_engine
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.work import Reader, begin, read
from ledger.tenancy.api_keys import issue
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from ledger.vault import vault
from ledger.vault.vault import Vault
from tests.conftest import KEYRINGS

PEPPER = b"pepper"
SCOPES = "read write reveal"
BACKGROUND = ("committer", "request-log", "follower", "sweeper", "outbox", "key-listener", "commit-watch")
"""How the names of threads begin that look at the journal by themselves, whatever is asked."""


def record_statements(monkeypatch: pytest.MonkeyPatch, is_counted: Callable[[str, str], bool]) -> list[str]:
    """Record the statements that count by their text and the name of their thread, whichever driver sends them.

    The vault keeps its keys meanwhile; otherwise the request that meets the end of their minute reads them again.
    """
    monkeypatch.setattr(vault, "KEPT_SECONDS", 3_600)
    sent: list[str] = []
    for driver, name in (
        (psycopg.Cursor, "execute"),
        (psycopg.AsyncCursor, "execute"),
        (asyncpg.Connection, "fetchrow"),
    ):
        send = getattr(driver, name)

        def sending(self: Any, query: Any, *arguments: Any, send: Any = send, **options: Any) -> Any:
            if is_counted(str(query), threading.current_thread().name):
                sent.append(str(query))
            return send(self, query, *arguments, **options)

        monkeypatch.setattr(driver, name, sending)
    return sent


def journal_position(store: sa.Engine, book_id: BookId, caller: "Caller", position: str) -> int | None:
    """The position of the journal that a partner's token stands for."""
    with read(store) as reader:
        own = Reader(reader.connection, caller.partner_id)
        return position_of_ordinal(own, book_id, ordinal_of(position))


def later_by(position: str, facts: int) -> str:
    """The position after so many more facts of the same partner."""
    return token_of(ordinal_of(position) + facts)


@dataclass(frozen=True)
class Caller:
    """A partner's application: its key, and the address that it calls."""

    key: str
    partner_id: PartnerId
    http: httpx.Client

    def post(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        return self.http.post(
            "/graphql",
            content=json.dumps({"query": query, "variables": variables}),  # in ASCII, so that any text can be sent
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", **headers},
        )

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors."""
        response = self.post(query, variables)
        assert response.status_code == 200, response.text
        body = response.json()
        assert "errors" not in body, body["errors"]
        return body["data"]

    def error(self, query: str, **variables: Any) -> dict[str, Any]:
        """The one error of an answer."""
        (error,) = self.post(query, variables).json()["errors"]
        return error

    def open(self, ref: str, kind: str = "EXTERNAL", **more: Any) -> dict[str, Any]:
        """The account opened under that reference, or why it was not."""
        wanted = {"externalRef": ref, "currency": "USD", "kind": kind, **more}
        if kind == "CUSTOMER":
            wanted.setdefault("customer", {"customerRef": ref})
        return self.ask(OPEN, input=wanted, key=f"open {ref}")["openAccount"]

    def account(self, ref: str, kind: str = "EXTERNAL") -> str:
        """The id of the account opened under that reference."""
        return self.open(ref, kind)["account"]["id"]

    def move(self, *legs: tuple[str, str, str], key: str, **more: Any) -> dict[str, Any]:
        """Post transfers (debit, credit, minor units of USD) as one request."""
        transfers = [
            {
                "debitAccount": debit,
                "creditAccount": credit,
                "amount": {"amountMinor": amount, "currency": "USD"},
                "code": "payment",
                **more,
            }
            for debit, credit, amount in legs
        ]
        return self.ask(POST, input={"transfers": transfers}, key=key)["postTransfers"]

    def mutate(self, name: str, answer: str, /, *, key: str, **wanted: Any) -> dict[str, Any]:
        """Call a mutation with an input; refusals show their code."""
        kind = name[0].upper() + name[1:]
        query = f"mutation ($input: {kind}Input!, $key: String!) {{ {name}(input: $input, idempotencyKey: $key) {{"
        refusal = "__typename ... on Refusal { code message }"
        return self.ask(f"{query} {refusal} {answer} }} }}", input=wanted, key=key)[name]


OPEN = """
    mutation ($input: OpenAccountInput!, $key: String!) {
      openAccount(input: $input, idempotencyKey: $key) {
        __typename
        ... on OpenedAccount { position account { id externalRef kind normalSide customerId balance { decimal } asOf } }
        ... on Refusal { code message }
      }
    }
"""
POST = """
    mutation ($input: PostTransfersInput!, $key: String!) {
      postTransfers(input: $input, idempotencyKey: $key) {
        __typename
        ... on PostedTransfers {
          position
          transfers { id groupId position debitAccountId creditAccountId amount { amountMinor currency decimal } }
        }
        ... on Refusal { code message }
        ... on InvalidInput { index }
        ... on IdempotencyConflict { index }
        ... on InsufficientFunds { index position }
        ... on AccountNotFound { index position }
        ... on CurrencyMismatch { index position }
        ... on TransferRefused { index position }
      }
    }
"""


@pytest.fixture(scope="session")
def api_database(server: str) -> Iterator[str]:
    """A migrated database that the tests of the API share: each has a book of its own in it."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE api TEMPLATE template")
        yield sa.make_url(server).set(database="api").render_as_string(hide_password=False)
        connection.execute("DROP DATABASE api WITH (FORCE)")


@pytest.fixture(scope="session")
def address(api_database: str) -> Iterator[str]:
    """Where the API answers."""
    with served(api_database, calls_private=True) as url:
        yield url


@pytest.fixture(scope="session")
def store(api_database: str) -> Iterator[sa.Engine]:
    made = create_engine(api_database)
    yield made
    made.dispose()


@pytest.fixture
def book_id(store: sa.Engine) -> BookId:
    with begin(store, actor="test") as work:
        return open_book(work, name=f"t{uuid4().hex[:20]}", jurisdiction="US", currency="USD")


@pytest.fixture
def callers(store: sa.Engine, book_id: BookId, address: str) -> Iterator[tuple[Caller, Caller]]:
    """Two partners of one book."""
    orders = [PartnerOrder("shop", "Shop", Vertical.RETAIL), PartnerOrder("rides", "Rides", Vertical.MOBILITY)]
    with begin(store, actor="test") as work:
        ids = register_partners(work, book_id, orders)
        keys = {ref: issue(work, book_id, partner_id, pepper=PEPPER, scopes=SCOPES) for ref, partner_id in ids.items()}
    # Without `verify=False` each client reads all certificates of the machine (40 ms of CPU) that it never needs here.
    with httpx.Client(base_url=address, timeout=30, trust_env=False, verify=False) as http:
        shop, rides = (Caller(keys[ref], ids[ref], http) for ref in ("shop", "rides"))
        yield shop, rides


@pytest.fixture
def shop(callers: tuple[Caller, Caller]) -> Caller:
    return callers[0]


@pytest.fixture
def rides(callers: tuple[Caller, Caller]) -> Caller:
    return callers[1]


class served:  # noqa: N801  # read as a word: `with served(url)`
    """A server of the API in a thread, while the block runs."""

    def __init__(
        self,
        database_url: str,
        *,
        sockets: type[BoundedWebSockets] = BoundedWebSockets,
        bound: socket.socket | None = None,
        **more: Any,
    ) -> None:
        self._keys = create_engine(database_url)
        self.vault = Vault(self._keys, KEYRINGS)
        app = build_app(database_url, pepper=PEPPER, vault=self.vault, **more)
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                host="127.0.0.1",
                port=0,
                http=BoundedHttpTools,
                ws=sockets,
                ws_max_size=BODY_BYTES_MAX,
                ws_per_message_deflate=False,
                log_level="warning",
            )
        )
        self._bound = bound
        asked = () if bound is None else ([bound],)
        self._thread = threading.Thread(target=self._server.run, args=asked)

    def __enter__(self) -> str:
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def __exit__(self, *_fault: object) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        assert not self._thread.is_alive(), "the server did not end"
        if self._bound is not None:
            self._bound.close()
        self._keys.dispose()


@pytest.fixture(scope="session")
def serve() -> type[served]:
    """Serve another database: `with serve(url) as address`."""
    return served
