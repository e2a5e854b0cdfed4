"""Growth: the cost of a transfer and of a read in a ledger of millions of transfers, beside the same in a young one.

Both ledgers stand on one server and are measured in turn, so that a noisy minute falls on both.
"""

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from bench.figures import Figure, Reference, Target, figure
from bench.meters import Meter, Sample, Samples
from bench.servers import CLIENTS
from bench.subjects import BATCHES, Subject, subject
from ledger.kernel.collector import rare_collections

TRANSFERS: Final = 10_000_000
_YOUNG_TRANSFERS: Final = 300_000
_ROUNDS: Final = 5
_COST: Final = Target("ratio", 1.3, 1)
_RATE: Final = Target("ratio", 1 / 1.3, 1)


def run(server_url: str, *, transfers: int = TRANSFERS) -> Iterator[Figure]:
    """Load so many transfers into one ledger and 300,000 into another; then the figures of `bench post` in both."""
    meter = Meter(server_url)
    with subject(meter, server_url) as young, subject(meter, server_url) as grown, rare_collections():
        beside = Reference(f"the same at {_YOUNG_TRANSFERS:,} transfers, B", young.load(_YOUNG_TRANSFERS))
        stored = grown.load(transfers)
        yield figure(f"at {transfers:,}: storage per transfer", stored, "B", beside, target=_COST)
        before: defaultdict[str, list[Sample]] = defaultdict(list)
        after: defaultdict[str, list[Sample]] = defaultdict(list)
        for _ in range(_ROUNDS):
            for (name, of_young), (_, of_grown) in zip(_work(young), _work(grown), strict=True):
                before[name].append(of_young())
                after[name].append(of_grown())
        for name in before:
            yield from _figures(f"at {transfers:,}: {name}", Samples(before[name]), Samples(after[name]))
        yield from _latencies(f"at {transfers:,}: {CLIENTS} single callers", young.latencies_ms, grown.latencies_ms)


def _work(ledger: Subject) -> Iterator[tuple[str, Callable[[], Sample]]]:
    for size in BATCHES:
        for shape in ("uniform", "hot"):
            yield f"batches of {size} {shape}", partial(ledger.batches, size, shape)
    yield f"{CLIENTS} single callers", ledger.calls
    yield "balance now", ledger.balances_now
    yield "balance as of a position", ledger.balances_as_of


def _figures(name: str, before: Samples, after: Samples) -> Iterator[Figure]:
    cpu = Reference(f"the same at {_YOUNG_TRANSFERS:,} transfers, us", before.server_us)
    yield figure(f"{name}, server CPU", after.server_us, "us", cpu, target=_COST)
    if "balance" not in name:
        rate = Reference(f"the same at {_YOUNG_TRANSFERS:,} transfers, transfers/s", before.rate)
        yield figure(name, after.rate, "transfers/s", rate, target=_RATE)


def _latencies(name: str, before_ms: list[float], after_ms: list[float]) -> Iterator[Figure]:
    before, after = statistics.quantiles(before_ms, n=100), statistics.quantiles(after_ms, n=100)
    for centile in (50, 99):
        beside = Reference(f"the same at {_YOUNG_TRANSFERS:,} transfers, ms", before[centile - 1])
        yield figure(f"{name}, p{centile}", after[centile - 1], "ms", beside, target=_COST)
