"""The ends of streams: a key that is revoked, a client that is slow or gone, points used up, a server that stops."""

import asyncio
import gc
import logging
import os
import threading
import time
from contextlib import contextmanager
from socket import SHUT_RDWR, SO_RCVBUF, SO_SNDBUF, SOL_SOCKET
from socket import socket as create_socket

import httpx
import pytest
import sqlalchemy as sa
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.sync.client import connect

from api.limits.buckets import Allowance
from api.limits.idle_connections import BoundedHttpTools
from api.limits.sockets import BoundedWebSockets
from api.subscriptions.feeds import Feed, Feeds
from api.subscriptions.subscriptions import Subscription
from ledger.kernel.work import begin
from ledger.tenancy.api_keys import issue, key_id_of, revoke
from tests.api.conftest import PEPPER, Caller
from tests.api.limits.test_deadlines import eventually
from tests.api.subscriptions.conftest import BEGINNING, TRANSFERS, Socket, event_stream, opened, subscribing

SOCKETS = int(os.environ.get("SOCKETS", "100"))
"""As many as find what is left; `make soak` drops 1,000."""

ALIASES = " ".join(f"name{number}: code" for number in range(15))
LONG = f"subscription ($since: Position) {{ transferPosted(since: $since) {{ transfer {{ id {ALIASES} }} }} }}"


class SmallSockets(BoundedWebSockets):
    """Sockets that hold little which their client has not read, for a second."""

    read_seconds = 1

    def connection_made(self, transport):
        transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_SNDBUF, 4096)
        super().connection_made(transport)


@pytest.fixture
def key(store: sa.Engine, book_id, shop) -> str:
    """One more key of the shop."""
    with begin(store, actor="test") as work:
        return issue(work, book_id, shop.partner_id, pepper=PEPPER)


def test_a_revoked_key_ends_its_streams_within_a_second(store, shop, key):
    other = Caller(key, shop.partner_id, shop.http)
    with subscribing(other) as socket, event_stream(other, TRANSFERS) as events, subscribing(shop) as own:
        socket.subscribe(TRANSFERS)
        socket.settle()
        with begin(store, actor="test") as work:
            revoke(work, key_id_of(key))
        revoked_at = time.monotonic()

        assert socket.closed()[0] == 4401
        (_, result), end = events
        assert result["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert end == ("complete", None)
        assert time.monotonic() - revoked_at < 1
        own.settle()


def test_a_client_that_does_not_read_is_closed_with_a_code_and_has_lost_nothing(serve, api_database, shop, accounts):
    posted = _post(shop, accounts, 300)
    with (
        serve(api_database, sockets=SmallSockets) as address,
        httpx.Client(base_url=address, timeout=30, trust_env=False, verify=False) as http,
        small_socket(Caller(shop.key, shop.partner_id, http)) as slow,
    ):
        slow.init(shop.key)
        for name in range(5):
            slow.subscribe(LONG, str(name), since=BEGINNING)
        eventually(lambda: all(each.close_sent for each in _alive(SmallSockets)))

        assert slow.closed() == (1013, "you read too slowly; subscribe again since your last position")
    with subscribing(shop) as socket:
        socket.subscribe(TRANSFERS, since=BEGINNING)

        assert [each["transfer"]["id"] for each in socket.events(len(posted))] == posted


def test_a_socket_that_is_silent_stays_open(shop, monkeypatch):
    monkeypatch.setattr(BoundedHttpTools, "header_seconds", 0.2)
    with subscribing(shop) as socket:
        socket.subscribe(TRANSFERS)
        time.sleep(0.6)
        socket.settle()


def test_events_wait_for_the_points_of_their_partner(serve, api_database, shop, accounts):
    posted = _post(shop, accounts, 300)
    with (
        serve(api_database, allowance=Allowance(15_000, 15_000, 3_000)) as address,
        httpx.Client(base_url=address, timeout=30, trust_env=False, verify=False) as http,
        subscribing(Caller(shop.key, shop.partner_id, http)) as socket,
    ):
        began = time.monotonic()
        socket.subscribe(TRANSFERS, since=BEGINNING)

        assert [each["transfer"]["id"] for each in socket.events(len(posted))] == posted
        assert time.monotonic() - began > 0.8


def test_a_server_that_stops_ends_its_streams_with_their_own_ends(serve, api_database, shop):
    server = serve(api_database)
    address = server.__enter__()
    with httpx.Client(base_url=address, timeout=30, trust_env=False, verify=False) as http:
        caller = Caller(shop.key, shop.partner_id, http)
        with subscribing(caller) as socket, event_stream(caller, TRANSFERS) as events:
            socket.subscribe(TRANSFERS)
            socket.settle()
            stopped = threading.Thread(target=server.__exit__)
            stopped.start()

            assert socket.closed()[0] == 1012
            assert list(events) == [("complete", None)]
            stopped.join(5)
            assert not stopped.is_alive()


def test_clients_that_go_away_leave_nothing(shop, caplog):
    tasks = _count_tasks()
    for number in range(SOCKETS):
        with opened(shop) as socket:
            socket.init(shop.key)
            socket.subscribe(TRANSFERS, since=None if number % 2 else BEGINNING)
            if number % 3:
                socket.settle()
            socket.connection.socket.shutdown(SHUT_RDWR)
        if number % 10 == 0:
            with event_stream(shop, TRANSFERS):
                pass

    eventually(lambda: not _alive(Feed, Subscription, WebSocketsSansIOProtocol))
    eventually(lambda: _count_tasks() <= tasks)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def _post(caller, accounts, count: int) -> list[str]:
    """Post transfers, and return their ids."""
    till, bank = accounts
    requests = [[(till, bank, "1")] * 20] * (count // 20)
    answers = [caller.move(*legs, key=f"n{number}") for number, legs in enumerate(requests)]
    return [each["id"] for answer in answers for each in answer["transfers"]]


def _alive(*classes: type) -> list[object]:
    gc.collect()
    return [each for each in gc.get_objects() if isinstance(each, classes)]


def _count_tasks() -> int:
    """Count the tasks on the event loops of this process's servers."""
    loops = {each._loop for each in _alive(Feeds) if each._loop.is_running()}  # noqa: SLF001  # it shows nobody its loop
    assert loops
    return sum(len(asyncio.all_tasks(loop)) for loop in loops)


@contextmanager
def small_socket(caller):
    """A socket whose client takes in little before it is read."""
    url = caller.http.base_url
    with create_socket() as raw:
        raw.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096)
        raw.connect((url.host, url.port))
        with connect(f"ws://{url.host}:{url.port}/graphql", sock=raw, subprotocols=["graphql-transport-ws"]) as made:
            yield Socket(made)
