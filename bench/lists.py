"""Lists: 20 accounts with 10 transfers each through the API, beside three other engines on the same tables.

The others have no key, no limits and no row-level security; all read with eight connections, each with one process.
"""

import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from itertools import repeat
from pathlib import Path
from typing import Final, NamedTuple

import psycopg
import sqlalchemy as sa

from bench.figures import Figure, Reference, Target, figure
from bench.load import Load, Server, graphql_request, load
from bench.meters import Meter
from bench.programmes import Programme, open_programme, poster, uniform_orders
from bench.serve import free_port, serving, serving_api
from bench.servers import scratch_ledger, url_of
from ledger.book.posting.committer import Committer
from ledger.kernel.errors import Unavailable

_ACCOUNTS: Final = 100
_TRANSFERS: Final = 5_000
_SHOWN: Final = 20
_EACH: Final = 10
_CONNECTIONS: Final = 8
_SECONDS: Final = 6

_TRANSFER: Final = "id amount { amountMinor currency } code"
_OURS: Final = (
    f"{{ accounts(first: {_SHOWN}) {{ nodes {{ id balance {{ amountMinor currency }} "
    f"transfers(first: {_EACH}) {{ nodes {{ {_TRANSFER} }} }} }} }} }}"
)
_THEIRS: Final = (
    f"{{ accounts(first: {_SHOWN}) {{ id balance {{ amountMinor currency }} "
    f"transfers(first: {_EACH}) {{ {_TRANSFER} }} }} }}"
)
_POSTGRAPHILE: Final = (
    f"{{ allAccounts(first: {_SHOWN}) {{ nodes {{ accountId balanceMinor currency "
    f"latestTransfers(first: {_EACH}) {{ nodes {{ transferId amountMinor currency code }} }} }} }} }}"
)
_FUNCTIONS: Final = """
    CREATE FUNCTION accounts_balance_minor(a accounts) RETURNS bigint STABLE LANGUAGE sql AS $$
        SELECT coalesce((SELECT e.credits_minor - e.debits_minor FROM entries e
            WHERE e.book_id = a.book_id AND e.account_no = a.account_no ORDER BY e.seq DESC LIMIT 1), 0) $$;
    CREATE FUNCTION accounts_latest_transfers(a accounts) RETURNS SETOF transfers STABLE LANGUAGE sql AS $$
        SELECT t.* FROM entries e JOIN transfers t ON t.book_id = e.book_id AND t.seq = e.seq
            WHERE e.book_id = a.book_id AND e.account_no = a.account_no ORDER BY e.seq DESC $$;
"""
"""PostGraphile's way to a balance and to the newest transfers: both are inlined into its one statement."""


class _Measured(NamedTuple):
    load: Load
    server_us: float

    @property
    def cpu_us(self) -> float:
        """Microseconds of CPU per request, of the engine and PostgreSQL."""
        return self.load.cpu_us + self.server_us


def run(server_url: str) -> Iterator[Figure]:
    """Measure one list of lists on each engine in turn."""
    mercurius_command, postgraphile_command = _node("mercurius"), _node("postgraphile")
    meter = Meter(server_url)
    with scratch_ledger(server_url) as engine, tempfile.TemporaryDirectory() as folder:
        programme = _filled(engine)
        with serving_api(engine, programme, Path(folder)) as api:
            ours = _measured(meter, api.server, {"query": _OURS}, api.key)
        stock = _reference(meter, engine, programme, [sys.executable, "-I", "-m", "bench.stock"], query=_THEIRS)
        mercurius = _reference(meter, engine, programme, mercurius_command, query=_THEIRS)
        postgraphile = _reference(meter, engine, programme, postgraphile_command, query=_POSTGRAPHILE)
    what = f"{_SHOWN} accounts with {_EACH} transfers each"
    rate = Reference("stock Strawberry with its caches, requests/s", stock.load.rate)
    yield figure(what, ours.load.rate, "requests/s", rate, target=Target("ratio", 3, 5))
    for name, other, target in (
        ("stock Strawberry with its caches", stock, None),
        ("PostGraphile", postgraphile, Target("ratio", 1, 0.8)),
        ("mercurius with its JIT", mercurius, Target("ratio", 1.5, 1)),
    ):
        beside = Reference(f"{name}, us", other.cpu_us)
        yield figure(f"{what}, CPU of engine and PostgreSQL", ours.cpu_us, "us", beside, target=target)
        yield figure(f"{what}, CPU of the engine", ours.load.cpu_us, "us", Reference(f"{name}, us", other.load.cpu_us))


def _node(name: str) -> list[str]:
    """Install an engine of npm, as its lock file says, and return the command that serves it."""
    folder = Path(__file__).parent / "npm" / name
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    try:
        subprocess.run(command, cwd=folder, check=True)
    except (OSError, subprocess.CalledProcessError) as fault:
        told = "this benchmark needs node, npm and its registry: Debian has them as nodejs and npm"
        raise Unavailable(told) from fault
    return ["node", str(folder / "server.mjs")]


def _filled(engine: sa.Engine) -> Programme:
    programme = open_programme(engine, accounts=_ACCOUNTS)
    committer = Committer(engine, programme.book_id)
    poster(committer)(uniform_orders(programme, _TRANSFERS, random.Random(1)))
    committer.close()
    with psycopg.connect(url_of(engine), autocommit=True) as connection:
        connection.execute(_FUNCTIONS)
        connection.execute("ANALYZE")
    return programme


def _reference(meter: Meter, engine: sa.Engine, programme: Programme, command: list[str], *, query: str) -> _Measured:
    port = free_port()
    started = [*command, str(port), url_of(engine), str(programme.book_id)]
    with serving(started, port) as server:
        return _measured(meter, Server(port, server.pid), {"query": query})


def _measured(meter: Meter, server: Server, body: Mapping[str, object], key: str = "none") -> _Measured:
    loads: list[Load] = []

    def send() -> int:
        requests = repeat(graphql_request(body, key))
        loads.append(load(server, requests, connections=_CONNECTIONS, seconds=_SECONDS))
        return len(loads[-1].latencies_ms)

    sample = meter.measure(send)
    answer = json.loads(loads[-1].body)
    assert "errors" not in answer, answer
    assert loads[-1].body.count(b'"code":"bench"') == _SHOWN * _EACH, loads[-1].body[:300]
    return _Measured(loads[-1], sample.server_seconds / sample.units * 1e6)
