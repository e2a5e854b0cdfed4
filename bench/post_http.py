"""Posting over HTTP: single transfers of 256 callers through the API, beside the committer alone on the same cores.

The reference is called in this process, without HTTP; the API runs with one worker, and then with two.
"""

import random
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import orjson
import sqlalchemy as sa

from bench.callers import Callers
from bench.figures import Figure, Reference, Target, figure
from bench.load import Load, graphql_request, load
from bench.meters import Meter, Sample
from bench.programmes import Programme, open_programme, uniform_orders
from bench.serve import Served, serving_api
from bench.servers import scratch_ledger
from ledger.book.posting.committer import Committer
from ledger.kernel.collector import rare_collections
from ledger.public_ids import public

_CALLERS: Final = 256
_SECONDS: Final = 8
_ACCOUNTS: Final = 10_000
_WORKERS: Final = (1, 2)
_MUTATION: Final = (
    "mutation Pay($input: PostTransfersInput!, $key: String!) { postTransfers(input: $input, idempotencyKey: $key) "
    "{ __typename ... on PostedTransfers { transfers { id amount { amountMinor } } } } }"
)
_RATE: Final = Target("ratio", 0.3, 0.6)
_CPU: Final = Target("value", 500, 250)


class _Served(NamedTuple):
    load: Load
    sample: Sample


def run(server_url: str) -> Iterator[Figure]:
    """Measure the committer with 256 callers, then the API with one worker and with two."""
    meter = Meter(server_url)
    alone = _committer(server_url, meter)
    rate = Reference(f"committer, {_CALLERS} callers, transfers/s", alone.units / alone.seconds)
    spent = (alone.server_seconds + alone.client_seconds) / alone.units * 1e6
    for workers in _WORKERS:
        served = _api(server_url, meter, workers)
        name = f"post over HTTP, {_CALLERS} callers, {workers} worker{'s' * (workers > 1)}"
        yield figure(name, served.load.rate, "requests/s", rate, target=_RATE)
        cpu = served.load.cpu_us + served.sample.server_seconds / served.sample.units * 1e6
        beside = Reference("committer and PostgreSQL, us", spent)
        yield figure(f"{name}, CPU of the API and PostgreSQL", cpu, "us", beside, target=_CPU)
        p50, p99 = (statistics.quantiles(served.load.latencies_ms, n=100)[at] for at in (49, 98))
        yield figure(f"{name}, p99", p99, "ms", Reference("its p50 in ms", p50))


def _committer(server_url: str, meter: Meter) -> Sample:
    with scratch_ledger(server_url) as engine, rare_collections():
        programme, chance = open_programme(engine, accounts=_ACCOUNTS), random.Random(1)
        committer = Committer(engine, programme.book_id)
        callers = Callers(committer, lambda: uniform_orders(programme, 1, chance)[0])
        callers.call(callers=_CALLERS, seconds=1)
        sample = meter.measure(lambda: callers.call(callers=_CALLERS, seconds=_SECONDS))
        committer.close()
    return sample


def _api(server_url: str, meter: Meter, workers: int) -> _Served:
    with scratch_ledger(server_url) as engine, tempfile.TemporaryDirectory() as folder:
        programme = open_programme(engine, accounts=_ACCOUNTS)
        with serving_api(engine, programme, Path(folder), workers=workers) as api:
            loads: list[Load] = []

            def send() -> int:
                loads.append(load(api.server, _posts(programme, api), connections=_CALLERS, seconds=_SECONDS))
                return _posted(engine)

            sample = meter.measure(send)
            assert sample.units >= len(loads[-1].latencies_ms), "an answer without a transfer"
    answer = orjson.loads(loads[-1].body)["data"]["postTransfers"]
    assert answer["__typename"] == "PostedTransfers", answer
    return _Served(loads[-1], sample)


def _posts(programme: Programme, api: Served) -> Iterator[bytes]:
    """Make requests for one transfer each, between random pairs of accounts, each under a key of its own."""
    chance, names = random.Random(1), [public("account", each) for each in programme.accounts]
    number = 0
    while True:
        debit, credit = chance.sample(names, 2)
        amount = {"amountMinor": "100", "currency": "USD"}
        transfer = {"debitAccount": debit, "creditAccount": credit, "amount": amount, "code": "bench"}
        variables = {"input": {"transfers": [transfer]}, "key": f"post {number}"}
        yield graphql_request({"query": _MUTATION, "variables": variables}, api.key)
        number += 1


def _posted(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM transfers")).scalar_one())
