"""Reading: live balances per second through the GraphQL API, beside a bare Starlette endpoint on the same row."""

import json
import random
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from bench.figures import Figure, Reference, figure
from bench.load import Load, RequestMaker, Server, graphql_request, load, recurring
from bench.programmes import Programme, open_programme
from bench.serve import free_port, serving, serving_api
from bench.servers import CLIENTS, scratch_ledger, url_of

_ACCOUNTS: Final = 10_000
_SECONDS: Final = 6
_QUERY: Final = (
    "query Balance($ref: String!) { account(externalRef: $ref) { id balance { amountMinor currency } asOf } }"
)


def run(server_url: str) -> Iterator[Figure]:
    """Read one account by reference, random among 10,000, on 32 kept-alive connections."""
    with scratch_ledger(server_url) as engine, tempfile.TemporaryDirectory() as folder:
        programme = open_programme(engine, accounts=_ACCOUNTS)
        bare = _bare(engine, programme)
        ours = _ours(engine, programme, Path(folder))
    yield figure("read balance", ours.rate, "requests/s", Reference("bare Starlette endpoint, requests/s", bare.rate))
    yield figure(
        "read balance, CPU of the API", ours.cpu_us, "us", Reference("bare Starlette endpoint, us", bare.cpu_us)
    )
    for name, at in (("p50", 49), ("p99", 98)):
        beside = Reference(f"bare Starlette endpoint, {name} in ms", _quantile(bare, at))
        yield figure(f"read balance {name}", _quantile(ours, at), "ms", beside)


def _bare(engine: sa.Engine, programme: Programme) -> Load:
    port = free_port()
    command = [sys.executable, "-I", "-m", "bench.bare", str(port), url_of(engine), str(programme.book_id)]
    with serving(command, port) as server:
        return load(
            Server(port, server.pid), recurring(_bare_request(programme)), connections=CLIENTS, seconds=_SECONDS
        )


def _ours(engine: sa.Engine, programme: Programme, home: Path) -> Load:
    with serving_api(engine, programme, home) as api:
        requests = recurring(_graphql_request(programme, api.key))
        measured = load(api.server, requests, connections=CLIENTS, seconds=_SECONDS)
    assert json.loads(measured.body)["data"]["account"]["balance"]["amountMinor"] == "0", measured.body
    return measured


def _bare_request(programme: Programme) -> RequestMaker:
    def make(chance: random.Random) -> bytes:
        return f"GET /balance/bench:{chance.choice(programme.accounts)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()

    return make


def _graphql_request(programme: Programme, key: str) -> RequestMaker:
    def make(chance: random.Random) -> bytes:
        variables = {"ref": f"bench:{chance.choice(programme.accounts)}"}
        return graphql_request({"query": _QUERY, "variables": variables}, key)

    return make


def _quantile(measured: Load, at: int) -> float:
    return statistics.quantiles(measured.latencies_ms, n=100)[at]
