"""Webhooks: deliveries per second and core, beside a bare httpx loop, and the delay by an endpoint that hangs."""

import asyncio
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import sqlalchemy as sa

from api.background import Background
from api.context import Committers
from bench.figures import Figure, Reference, Target, figure
from bench.meters import Meter, Sample
from bench.programmes import Programme, open_programme, uniform_orders
from bench.serve import free_port
from bench.servers import scratch_ledger
from ledger.book.judging.orders import TransferOrder
from ledger.book.posting.committer import Committer
from ledger.kernel.clock import system_clock
from ledger.kernel.work import begin
from ledger.outbox.endpoints import EndpointSettings, register_endpoint
from ledger.outbox.signatures import SignatureScheme, new_secret
from ledger.outbox.signing_secrets import seal_secret
from ledger.vault.keyring import Keyrings
from ledger.vault.vault import Vault

_EVENTS: Final = 10_000
_SECONDS: Final = 15
_PER_SECOND: Final = 20
"""The seconds for which single transfers are posted, and how many a second."""
_BARE: Final = 2_000
_CONCURRENCY: Final = 20
_ACCOUNTS: Final = 1_000
_BATCH: Final = 1_000
_PADDING: Final = 120
_PATIENCE_SECONDS: Final = 300
_RATE: Final = Target("value", 1_000, 3_000)
_DELAY: Final = Target("value", 1_000, 100)


def run(server_url: str) -> Iterator[Figure]:
    """Deliver the events of 10,000 transfers to one endpoint; then single ones, alone and beside one that hangs."""
    meter = Meter(server_url)
    with (
        scratch_ledger(server_url) as engine,
        tempfile.TemporaryDirectory() as folder,
        _sink() as sink,
    ):
        vault = Vault(engine, Keyrings(Path(folder), lambda: [bytes(32)]))
        programme = open_programme(engine, accounts=_ACCOUNTS)
        bare = meter.measure(lambda: asyncio.run(_bare(sink)))
        reference = Reference("bare httpx", bare.units / bare.client_seconds)
        _register(engine, vault, programme, f"{sink}/hook")
        _post(engine, programme, _EVENTS)
        whole = meter.measure(lambda: _deliver(engine, vault, sink, _EVENTS))
        rate = whole.units / whole.client_seconds
        yield figure("webhooks of 1 kB, per core of the process", rate, "webhooks/s", reference, target=_RATE)
        yield figure("the same, per core of process and PostgreSQL", _of_both(whole), "webhooks/s", reference)
        yield figure("the same, by the clock", whole.units / whole.seconds, "webhooks/s", reference)
        alone = _delays(engine, vault, programme, sink)
        _register(engine, vault, programme, f"{sink}/hangs")
        beside = _delays(engine, vault, programme, sink)
        to_alone = Reference("p99 without it", alone)
        yield figure("webhook p99 beside an endpoint that hangs", beside, "ms", to_alone)
        more = max(beside - alone, 0.001)
        yield figure("of it, the delay by the endpoint that hangs", more, "ms", to_alone, target=_DELAY)


def _of_both(sample: Sample) -> float:
    return sample.units / (sample.client_seconds + sample.server_seconds)


@contextmanager
def _sink() -> Iterator[str]:
    """Run the sink; yields its origin."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.webhook_sink", str(port)])
    origin = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(transport=httpx.HTTPTransport(retries=10)) as http:
            http.get(f"{origin}/arrivals")
        yield origin
    finally:
        process.kill()
        process.wait()


async def _bare(sink: str) -> int:
    """Send the same number of bytes by httpx alone, as many at a time."""
    body, headers = b"x" * 1_024, {"webhook-id": "bare", "Content-Type": "application/json"}
    async with httpx.AsyncClient(trust_env=False) as http:

        async def send() -> None:
            for _ in range(_BARE // _CONCURRENCY):
                await http.post(f"{sink}/hook", content=body, headers=headers)

        await asyncio.gather(*(send() for _ in range(_CONCURRENCY)))
    return _BARE


def _register(engine: sa.Engine, vault: Vault, programme: Programme, address: str) -> None:
    secret = seal_secret(vault, programme.book_id, programme.partner_id, new_secret(SignatureScheme.HMAC_SHA256))
    settings = EndpointSettings(["transfer.posted"], concurrency=_CONCURRENCY, secret=secret)
    with begin(engine, actor="bench") as work:
        register_endpoint(
            work, programme.book_id, programme.partner_id, address=address, reason="bench", settings=settings
        )


def _post(engine: sa.Engine, programme: Programme, count: int) -> None:
    """Post transfers whose events have 1 kB each."""
    committer, chance = Committer(engine, programme.book_id), random.Random(1)
    try:
        for _ in range(count // _BATCH):
            orders = uniform_orders(programme, _BATCH, chance)
            committer.submit([_padded(n, each) for n, each in enumerate(orders)]).result()
    finally:
        committer.close()


def _padded(number: int, order: TransferOrder) -> TransferOrder:
    return order._replace(external_ref=f"{number}-{order.transfer_id}".ljust(_PADDING, "x"))


@contextmanager
def _delivering(engine: sa.Engine, vault: Vault) -> Iterator[Committers]:
    committers = Committers(engine)
    background = Background(engine, committers, vault)
    background.start()
    try:
        yield committers
    finally:
        background.close()
        committers.close()


def _deliver(engine: sa.Engine, vault: Vault, sink: str, count: int) -> int:
    """Deliver everything that waits; return the number of webhooks."""
    with _delivering(engine, vault):
        _wait_for_all(engine, count)
    return len(_arrivals(sink))


def _wait_for_all(engine: sa.Engine, count: int) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    query = "SELECT count(*) FROM outbound_calls WHERE state = 'delivered'"
    while time.monotonic() < deadline:
        with engine.connect() as connection:
            if connection.exec_driver_sql(query).scalar_one() >= count:
                return
        time.sleep(0.5)
    raise TimeoutError("not every webhook was delivered")


def _delays(engine: sa.Engine, vault: Vault, programme: Programme, sink: str) -> float:
    """Return the 99th percentile of the milliseconds from the posting of transfers, one by one, to their arrival."""
    chance, posted = random.Random(2), list[float]()
    _arrivals(sink)
    with _delivering(engine, vault) as committers:
        time.sleep(2)
        for _ in range(_SECONDS * _PER_SECOND):
            committers.post(programme.book_id, uniform_orders(programme, 1, chance))
            posted.append(system_clock().timestamp())
            time.sleep(1 / _PER_SECOND)
        time.sleep(2)
        arrived = sorted(_arrivals(sink).values())
    assert len(arrived) == len(posted), "each transfer is one webhook at the endpoint that answers"
    delays = [1000 * (at - since) for at, since in zip(arrived, posted, strict=True)]
    return _p99(delays)


def _p99(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=100)[98]


def _arrivals(sink: str) -> dict[str, float]:
    with httpx.Client(timeout=60) as http:
        found: dict[str, float] = http.get(f"{sink}/arrivals").json()
    return found
