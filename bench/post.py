"""Posting and reading: rates, CPU and bytes of the book, beside a row ledger and pgbench's TPC-B on the same server.

All are measured in turn in several rounds, so that noise affects all of them; a figure is the median.
"""

import statistics
from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from typing import Final

from bench.balances import rows_by_key, send
from bench.figures import Figure, Reference, Target, figure
from bench.meters import Meter, Sample, Samples
from bench.programmes import SHAPES, WAYS
from bench.row_ledger import post_rows, posted_rows, scratch_row_ledger
from bench.servers import CLIENTS, TPC_B_SCALE, pgbench, scratch_tpc_b
from bench.storage import stored_bytes
from bench.subjects import ACCOUNTS, Subject, subject
from ledger.kernel.collector import rare_collections

_ROUNDS: Final = 3
_SECONDS: Final = 3
_BATCHES: Final = {10_000: 6, 1_000: 30}
"""The number of batches of each size per round."""
_STORED_TRANSFERS: Final = 300_000
_TPC_B: Final = f"pgbench TPC-B, scale {TPC_B_SCALE}, {CLIENTS} clients"
_ROW_LEDGER: Final = f"row ledger, {CLIENTS} clients"
_SINGLE: Final = f"post {CLIENTS} single callers"

_RATES: Final = {
    "post batches of 10000 uniform": Target("value", 40_000, 100_000),
    "post batches of 10000 hot": Target("value", 50_000, 100_000),
    "post batches of 1000 uniform": Target("value", 30_000, 45_000),
    "post batches of 1000 hot": Target("value", 35_000, 45_000),
    _SINGLE: Target("value", 4_500, 8_000),
}
"""The targets of rates for orders as objects; the other ways have no targets."""
_CPU: Final = Target("ratio", 1 / 25, 1 / 60)
_TO_TPC_B: Final = Target("ratio", 3, 5)
_LATENCY: Final = Target("value", 10, 5)
_BYTES: Final = Target("value", 400, 300)
_READ: Final = Target("value", 30, 20)


def run(server_url: str) -> Iterator[Figure]:
    """Measure batches of 10,000 and 1,000, uniform and hot, 32 callers of single transfers, storage, balance reads."""
    meter = Meter(server_url)
    with (
        scratch_tpc_b(server_url) as tpc_b_url,
        scratch_row_ledger(server_url, accounts=ACCOUNTS) as row_url,
        subject(meter, server_url) as book,
        rare_collections(),
    ):
        yield from _storage(meter, book, row_url)
        rounds: defaultdict[str, list[Sample]] = defaultdict(list)
        for _ in range(_ROUNDS):
            for name, sample in _round(meter, book, tpc_b_url=tpc_b_url, row_url=row_url):
                rounds[name].append(sample)
        measured = {name: Samples(samples) for name, samples in rounds.items()}
        yield from _posting(measured)
        yield from _single_callers(measured, book.latencies_ms)
        yield from _reading(measured)


def _storage(meter: Meter, book: Subject, row_url: str) -> Iterator[Figure]:
    stored = book.load(_STORED_TRANSFERS)
    before = stored_bytes(row_url)
    post_rows(meter, row_url, "uniform", accounts=ACCOUNTS, seconds=2 * _SECONDS)
    beside = Reference("row ledger, B", (stored_bytes(row_url) - before) / posted_rows(row_url))
    yield figure("storage per transfer, indexes included", stored, "B", beside, target=_BYTES)


def _round(meter: Meter, book: Subject, *, tpc_b_url: str, row_url: str) -> Iterator[tuple[str, Sample]]:
    yield _TPC_B, pgbench(meter, tpc_b_url, seconds=_SECONDS)
    yield _SINGLE, book.calls(seconds=_SECONDS)
    for shape in ("uniform", "hot", "queued"):
        yield f"{_ROW_LEDGER} {shape}", post_rows(meter, row_url, shape, accounts=ACCOUNTS, seconds=_SECONDS)
    for shape, size, way in product(SHAPES, _BATCHES, WAYS):
        yield f"post batches of {size} {shape}{way}", book.batches(size, shape, way=way, count=_BATCHES[size])
    yield "row by primary key", send(meter, tpc_b_url, rows_by_key())
    yield "balance now", book.balances_now()
    yield "balance as of a position", book.balances_as_of()


def _posting(measured: dict[str, Samples]) -> Iterator[Figure]:
    """Compare rates and CPU with the row ledger of the same shape, and CPU also with its best shape."""
    best = Reference(f"{_ROW_LEDGER} queued, us", measured[f"{_ROW_LEDGER} queued"].server_us)
    for name in (each for each in measured if each.startswith("post ")):
        ours, shape, target = measured[name], "hot" if " hot" in name else "uniform", _RATES.get(name)
        beside, rows = f"{_ROW_LEDGER} {shape}", measured[f"{_ROW_LEDGER} {shape}"]
        rate, cpu = Reference(f"{beside}, transfers/s", rows.rate), Reference(f"{beside}, us", rows.server_us)
        yield figure(name, ours.rate, "transfers/s", rate, target=target)
        goal = None if name == _SINGLE else _CPU
        yield figure(f"{name}, server CPU per transfer", ours.server_us, "us", cpu, target=goal)
        yield figure(f"{name}, server CPU against the best", ours.server_us, "us", best)
        own = Reference("server CPU of the same, us", ours.server_us)
        yield figure(f"{name}, client CPU per transfer", ours.client_us, "us", own)


def _single_callers(measured: dict[str, Samples], latencies_ms: list[float]) -> Iterator[Figure]:
    """Compare rate and latencies with TPC-B, which commits once per transaction."""
    ours, tpc_b = measured[_SINGLE], measured[_TPC_B]
    rate, cpu = Reference(f"{_TPC_B}, transactions/s", tpc_b.rate), Reference(f"{_TPC_B}, us", tpc_b.server_us)
    latency = Reference(f"{_TPC_B}, mean latency in ms", CLIENTS * 1000 / tpc_b.rate)
    centiles = statistics.quantiles(latencies_ms, n=100)
    yield figure(f"{_SINGLE}, against TPC-B", ours.rate, "transfers/s", rate, target=_TO_TPC_B)
    yield figure(f"{_SINGLE}, server CPU against TPC-B", ours.server_us, "us", cpu)
    yield figure(f"{_SINGLE}, p50", centiles[49], "ms", latency, target=_LATENCY)
    yield figure(f"{_SINGLE}, p99", centiles[98], "ms", latency)


def _reading(measured: dict[str, Samples]) -> Iterator[Figure]:
    beside = Reference("one row by primary key, server CPU in us", measured["row by primary key"].server_us)
    for name in ("balance now", "balance as of a position"):
        yield figure(f"{name}, server CPU", measured[name].server_us, "us", beside, target=_READ)
