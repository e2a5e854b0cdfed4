"""Clients of the streams: a socket that speaks graphql-transport-ws, and a reader of server-sent events."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from tests.api.conftest import Caller

BEGINNING = "pos_0000000000000"
"""The position before everything."""

TRANSFERS = "subscription ($since: Position) { transferPosted(since: $since) { position transfer { id code } } }"
BALANCE = """
    subscription ($account: ID!, $since: Position) {
      balanceChanged(account: $account, since: $since) { position account { asOf balance { decimal } } }
    }
"""


@dataclass
class Socket:
    """One end of a socket, which says and hears whole messages."""

    connection: ClientConnection

    def say(self, kind: str, **more: Any) -> None:
        self.connection.send(json.dumps({"type": kind, **more}))

    def hear(self, timeout: float = 10) -> dict[str, Any]:
        return json.loads(self.connection.recv(timeout))

    def init(self, key: str | None = None) -> None:
        payload = {} if key is None else {"authorization": f"Bearer {key}"}
        self.say("connection_init", payload=payload)
        assert self.hear() == {"type": "connection_ack"}

    def subscribe(self, query: str, name: str = "1", **variables: Any) -> None:
        self.say("subscribe", id=name, payload={"query": query, "variables": variables})

    def settle(self, name: str = "settled") -> None:
        """Ask for something, to see that the socket is open and has nothing else to say."""
        self.subscribe("{ me { id } }", name)
        assert self.hear()["id"] == name
        assert self.hear() == {"type": "complete", "id": name}

    def events(self, count: int, name: str = "1") -> list[dict[str, Any]]:
        """The data of the next events of a subscription."""
        found = []
        while len(found) < count:
            message = self.hear()
            assert (message["type"], message["id"]) == ("next", name), message
            assert "errors" not in message["payload"], message
            (event,) = message["payload"]["data"].values()
            found.append(event)
        return found

    def closed(self, timeout: float = 10) -> tuple[int, str]:
        """The code and reason with which the server closes."""
        while True:
            try:
                self.connection.recv(timeout)
            except TimeoutError:
                raise AssertionError("the socket stays open") from None
            except Exception:  # noqa: BLE001  # the library raises one of several
                return self.connection.close_code, self.connection.close_reason


def now(caller: Caller) -> str:
    """The position at which the caller stands."""
    return caller.ask("{ accounts(first: 1) { asOf } }")["accounts"]["asOf"]


@contextmanager
def opened(
    caller: Caller, *, protocols: tuple[str, ...] = ("graphql-transport-ws",), **headers: str
) -> Iterator[Socket]:
    """A socket to the server of a caller."""
    url = str(caller.http.base_url).replace("http://", "ws://").rstrip("/") + "/graphql"
    with connect(
        url, subprotocols=list(protocols), additional_headers=headers, proxy=None, max_queue=None, compression=None
    ) as connection:
        yield Socket(connection)


@contextmanager
def subscribing(caller: Caller) -> Iterator[Socket]:
    """A socket that the caller was let in at."""
    with opened(caller) as socket:
        socket.init(caller.key)
        yield socket


@contextmanager
def event_stream(caller: Caller, query: str, **variables: Any) -> Iterator[Iterator[tuple[str, Any]]]:
    """The events of a stream: their names, and their data."""
    headers = {"Authorization": f"Bearer {caller.key}", "Accept": "text/event-stream"}
    body = {"query": query, "variables": variables}
    with (
        httpx.Client(base_url=caller.http.base_url, timeout=10, trust_env=False, verify=False) as http,
        http.stream("POST", "/graphql", json=body, headers=headers) as response,
    ):
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        yield read_events(response)


def read_events(response: httpx.Response) -> Iterator[tuple[str, Any]]:
    """The events of an answer, without comments."""
    name = ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: ") and name:
            text = line.removeprefix("data: ")
            yield name, json.loads(text) if text else None


@pytest.fixture
def accounts(shop: Caller) -> tuple[str, str]:
    """Two accounts of the shop."""
    return shop.account("till"), shop.account("bank")
