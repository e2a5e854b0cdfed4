"""Reading: live balances per second through the GraphQL API, beside a bare Starlette endpoint on the same row."""

import json
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from bench.figures import Figure, Reference, figure
from bench.load import Load, RequestMaker, load
from bench.programmes import Programme, open_programme
from bench.servers import CLIENTS, scratch_ledger, url_of
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin
from ledger.partners.api_keys import issue

_ACCOUNTS: Final = 10_000
_SECONDS: Final = 6
_STARTS_WITHIN_SECONDS: Final = 30
_QUERY: Final = (
    "query Balance($ref: String!) { account(externalRef: $ref) { id balance { amountMinor currency } asOf } }"
)


def run(server_url: str) -> Iterator[Figure]:
    """One account by reference, random among 10,000, from 32 kept-alive connections."""
    with scratch_ledger(server_url) as engine, tempfile.TemporaryDirectory() as folder:
        programme = open_programme(engine, accounts=_ACCOUNTS)
        bare = _bare(engine, programme)
        ours = _ours(engine, programme, Path(folder))
    yield figure("read balance", ours.rate, "requests/s", Reference("bare Starlette endpoint, requests/s", bare.rate))
    for name, at in (("p50", 49), ("p99", 98)):
        beside = Reference(f"bare Starlette endpoint, {name} in ms", _quantile(bare, at))
        yield figure(f"read balance {name}", _quantile(ours, at), "ms", beside)


def _bare(engine: sa.Engine, programme: Programme) -> Load:
    port = _free_port()
    command = [sys.executable, "-m", "bench.bare", str(port), url_of(engine), str(programme.book_id)]
    with _serving(command, port):
        return load(port, _bare_request(programme), connections=CLIENTS, seconds=_SECONDS)


def _ours(engine: sa.Engine, programme: Programme, home: Path) -> Load:
    settings = Settings.from_env({"COFFERDAM_HOME": str(home), "COFFERDAM_DATABASE_URL": url_of(engine)})
    port, pepper = _free_port(), b"0" * 32
    settings.secrets.write_text(json.dumps({"pepper": pepper.hex()}))
    with begin(engine, actor="bench") as work:
        key = issue(work, programme.book_id, programme.partner_id, pepper=pepper)
    command = [sys.executable, "-m", "cofferdam", "serve", "--port", str(port)]
    with _serving(command, port, settings.child_environ()):
        measured = load(port, _graphql_request(programme, key), connections=CLIENTS, seconds=_SECONDS)
    assert json.loads(measured.body)["data"]["account"]["balance"]["amountMinor"] == "0", measured.body
    return measured


def _bare_request(programme: Programme) -> RequestMaker:
    def make(chance: random.Random) -> bytes:
        return f"GET /balance/bench:{chance.choice(programme.accounts)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()

    return make


def _graphql_request(programme: Programme, key: str) -> RequestMaker:
    def make(chance: random.Random) -> bytes:
        variables = {"ref": f"bench:{chance.choice(programme.accounts)}"}
        body = json.dumps({"query": _QUERY, "variables": variables}).encode()
        head = (
            f"POST /graphql HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nContent-Length: {len(body)}"
        )
        return f"{head}\r\nContent-Type: application/json\r\nAccept: application/json\r\n\r\n".encode() + body

    return make


@contextmanager
def _serving(command: list[str], port: int, environ: dict[str, str] | None = None) -> Iterator[None]:
    server = subprocess.Popen(command, env=environ)
    try:
        _await_port(port, server)
        yield
    finally:
        server.terminate()
        server.wait()


def _await_port(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN_SECONDS
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server ended before it answered"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("the server did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _quantile(measured: Load, at: int) -> float:
    return statistics.quantiles(measured.latencies_ms, n=100)[at]
