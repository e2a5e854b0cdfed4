"""Subscriptions: the time from the commit of a transfer until each of many subscribers has its event.

The transfers are committed by another process than the one that serves the subscribers, as with several workers.
"""

import asyncio
import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from websockets.asyncio.client import ClientConnection, connect

from bench.figures import Figure, Reference, Target, figure
from bench.programmes import Programme, open_programme, uniform_orders
from bench.serve import Served, serving_api
from bench.servers import scratch_ledger
from ledger.book.posting.committer import Committer
from ledger.public_ids import public

_SUBSCRIBERS: Final = 100
_TRANSFERS: Final = 200
_PAUSE_SECONDS: Final = 0.1
_ACCOUNTS: Final = 1_000
_QUERY: Final = "subscription { transferPosted { position transfer { id amount { decimal } } } }"
_TICK: Final = Reference("half a tick", 25)


def run(server_url: str) -> Iterator[Figure]:
    """Post 200 transfers one by one, 100 ms apart, to 100 subscribers of one partner, each on a socket of its own."""
    with scratch_ledger(server_url) as engine, tempfile.TemporaryDirectory() as folder:
        programme = open_programme(engine, accounts=_ACCOUNTS)
        with serving_api(engine, programme, Path(folder)) as api:
            latencies = asyncio.run(_measured(engine, programme, api))
    centiles = statistics.quantiles(latencies, n=100)
    name = f"event to {_SUBSCRIBERS} subscribers after its commit"
    yield figure(f"{name}, p50", centiles[49], "ms", _TICK)
    yield figure(f"{name}, p99", centiles[98], "ms", _TICK, target=Target("value", 250, 100))


async def _measured(engine: sa.Engine, programme: Programme, api: Served) -> list[float]:
    """Return the milliseconds from the commit of each transfer to its arrival at each subscriber."""
    sockets = await asyncio.gather(*(_subscribed(api) for _ in range(_SUBSCRIBERS)))
    await asyncio.sleep(1)
    receiving = [asyncio.create_task(_received(socket)) for socket in sockets]
    committed = await asyncio.to_thread(_committed, engine, programme)
    arrived = await asyncio.gather(*receiving)
    await asyncio.gather(*(socket.close() for socket in sockets))
    return [1000 * (at - committed[name]) for each in arrived for name, at in each.items()]


async def _subscribed(api: Served) -> ClientConnection:
    url, headers = f"ws://127.0.0.1:{api.port}/graphql", {"Authorization": f"Bearer {api.key}"}
    made = connect(url, additional_headers=headers, subprotocols=["graphql-transport-ws"], compression=None, proxy=None)  # type: ignore[list-item]  # a text like any other
    socket = await made
    await socket.send(json.dumps({"type": "connection_init"}))
    assert json.loads(await socket.recv())["type"] == "connection_ack"
    await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": _QUERY}}))
    return socket


async def _received(socket: ClientConnection) -> dict[str, float]:
    """Return when each transfer arrived, by its id."""
    arrived: dict[str, float] = {}
    while len(arrived) < _TRANSFERS:
        message = await socket.recv()
        at = time.monotonic()
        arrived[json.loads(message)["payload"]["data"]["transferPosted"]["transfer"]["id"]] = at
    return arrived


def _committed(engine: sa.Engine, programme: Programme) -> dict[str, float]:
    """Post the transfers one by one; return when each was committed, by its id."""
    committer, chance = Committer(engine, programme.book_id), random.Random(1)
    committed: dict[str, float] = {}
    for order in uniform_orders(programme, _TRANSFERS, chance):
        committer.submit([order]).result()
        committed[public("transfer", order.transfer_id)] = time.monotonic()
        time.sleep(_PAUSE_SECONDS)
    committer.close()
    return committed
