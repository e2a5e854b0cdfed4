"""Growth: the cost of a transfer and of a read in a ledger of millions of transfers, beside a young ledger.

Both ledgers are on one server and measured in turn, many times for a short while each, so that noise affects both; a
figure is the median. The young ledger grows by being measured, too: the reference names its size.
"""

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import Final

from bench.figures import Figure, Reference, Target, figure
from bench.meters import Meter, Sample, Samples
from bench.programmes import SHAPES
from bench.servers import CLIENTS
from bench.subjects import Subject, subject
from ledger.kernel.collector import rare_collections

TRANSFERS: Final = 10_000_000
"""The default number of loaded transfers."""
_YOUNG_TRANSFERS: Final = 300_000
_ROUNDS: Final = 8
_BATCHES: Final = {10_000: 3, 1_000: 15}
"""The number of batches of each size per round."""
_CALLING_SECONDS: Final = 2
_COST: Final = Target("ratio", 1.3, 1)
_RATE: Final = Target("ratio", 1 / 1.3, 1)

_Work = Callable[[Subject], Sample]


def run(server_url: str, *, transfers: int = TRANSFERS) -> Iterator[Figure]:
    """Load the transfers into one ledger and 300,000 into another; then measure the figures of `bench post` in both."""
    meter = Meter(server_url)
    with subject(meter, server_url) as young, subject(meter, server_url) as grown, rare_collections():
        stored_before, stored_after = young.load(_YOUNG_TRANSFERS), grown.load(transfers)
        before: defaultdict[str, list[Sample]] = defaultdict(list)
        after: defaultdict[str, list[Sample]] = defaultdict(list)
        for _ in range(_ROUNDS):
            for name, work in _works():
                before[name].append(work(young))
                after[name].append(work(grown))
        at, beside = f"at {transfers:,}", f"the same at {young.transfers:,}"
        stored_beside = Reference(f"the same at {_YOUNG_TRANSFERS:,}, B", stored_before)
        yield figure(f"{at}, storage per transfer", stored_after, "B", stored_beside, target=_COST)
        for name in before:
            yield from _costs(f"{at}, {name}", Samples(after[name]), beside, Samples(before[name]))
        yield from _latencies(f"{at}, {CLIENTS} single callers", grown.latencies_ms, beside, young.latencies_ms)


def _works() -> Iterator[tuple[str, _Work]]:
    for shape, (size, count) in product(SHAPES, _BATCHES.items()):
        yield f"batches of {size} {shape}", partial(Subject.batches, size=size, shape=shape, count=count)
    yield f"{CLIENTS} single callers", partial(Subject.calls, seconds=_CALLING_SECONDS)
    yield "balance now", Subject.balances_now
    yield "balance as of a position", Subject.balances_as_of


def _costs(name: str, after: Samples, beside: str, before: Samples) -> Iterator[Figure]:
    cpu = Reference(f"{beside}, us", before.server_us)
    yield figure(f"{name}, server CPU", after.server_us, "us", cpu, target=_COST)
    if "balance" not in name:
        rate = Reference(f"{beside}, transfers/s", before.rate)
        yield figure(name, after.rate, "transfers/s", rate, target=_RATE)


def _latencies(name: str, after_ms: list[float], beside: str, before_ms: list[float]) -> Iterator[Figure]:
    after, before = statistics.quantiles(after_ms, n=100), statistics.quantiles(before_ms, n=100)
    for centile in (50, 99):
        reference = Reference(f"{beside}, ms", before[centile - 1])
        yield figure(f"{name}, p{centile}", after[centile - 1], "ms", reference, target=_COST)
