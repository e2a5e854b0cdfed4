"""Posting: transfers per second through the real posting path, beside pgbench's TPC-B on the same server."""

import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

import sqlalchemy as sa

from bench.figures import Figure, Reference, figure
from bench.programmes import Programme, hot_orders, open_programme, uniform_orders
from bench.servers import CLIENTS, scratch_ledger, tpc_b
from ledger.book.committer import Committer
from ledger.book.orders import TransferOrder
from ledger.book.posting import post
from ledger.book.results import Result
from ledger.kernel.collector import rare_collections

_ACCOUNTS: Final = 100_000
_SECONDS: Final = 6
_BATCHES: Final = {10_000: 12, 1_000: 60}
"""How many batches of each size are posted and timed."""

Orders = Callable[[Programme, int, random.Random], list[TransferOrder]]


def run(server_url: str) -> Iterator[Figure]:
    """Batches of 10,000 and of 1,000, uniform and hot, then 32 callers of single transfers through the committer."""
    tps = tpc_b(server_url, seconds=_SECONDS)
    rate_beside = Reference("pgbench TPC-B, 32 clients, transactions/s", tps)
    latency_beside = Reference("pgbench TPC-B, 32 clients, mean latency in ms", CLIENTS * 1000 / tps)
    with scratch_ledger(server_url) as engine, rare_collections():
        programme = open_programme(engine, accounts=_ACCOUNTS)
        for size, batches in _BATCHES.items():
            for shape, make in (("uniform", uniform_orders), ("hot", hot_orders)):
                orders = [make(programme, size, random.Random(n)) for n in range(batches)]
                rate = _batch_rate(engine, programme, orders)
                yield figure(f"post batches of {size} {shape}", rate, "transfers/s", rate_beside)
        rate, latencies = _single_callers(engine, programme)
        yield figure(f"post {CLIENTS} single callers", rate, "transfers/s", rate_beside)
        yield figure(f"post {CLIENTS} single callers p50", statistics.median(latencies), "ms", latency_beside)
        yield figure(f"post {CLIENTS} single callers p99", _p99(latencies), "ms", latency_beside)


def _batch_rate(engine: sa.Engine, programme: Programme, batches: list[list[TransferOrder]]) -> float:
    started = time.perf_counter()
    for batch in batches:
        outcomes = post(engine, programme.book_id, batch)
        assert all(outcome.result is Result.CREATED for outcome in outcomes)
    return sum(map(len, batches)) / (time.perf_counter() - started)


def _single_callers(engine: sa.Engine, programme: Programme) -> tuple[float, list[float]]:
    """Rate, and the latency of every call in ms, of callers who each wait for their transfer before the next."""
    committer = Committer(engine, programme.book_id)
    latencies: list[float] = []
    ends_at = time.perf_counter() + _SECONDS

    def call(seed: int) -> None:
        chance = random.Random(seed)
        while (asked_at := time.perf_counter()) < ends_at:
            (outcome,) = committer.submit(uniform_orders(programme, 1, chance)).result()
            assert outcome.result is Result.CREATED
            latencies.append((time.perf_counter() - asked_at) * 1000)

    callers = [threading.Thread(target=call, args=(seed,)) for seed in range(CLIENTS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    committer.close()
    return len(latencies) / _SECONDS, latencies


def _p99(latencies: list[float]) -> float:
    return statistics.quantiles(latencies, n=100)[98]
