"""Metrics: counted per process, summed over all of them, and kept when one is killed."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger.kernel.metrics import OTHER, Counter, Gauge, Histogram
from ledger.kernel.metrics_memory import SharedMetrics


@pytest.fixture
def orders() -> Counter:
    return Counter("orders_total", "Orders.", result=("created", OTHER))


def _totals(shared: SharedMetrics) -> dict[tuple[str, ...], list[int]]:
    return {(metric.name, *values): cells for metric, values, cells in shared.totals()}


def _forked(do) -> None:
    """Do something in another process, which is killed at its end."""
    pid = os.fork()
    if pid == 0:
        try:
            do()
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)


def test_what_a_killed_process_counted_stays_and_its_replacement_goes_on_from_there(orders):
    shared = SharedMetrics((orders,), 2)

    def count() -> None:
        shared.count_here(1)
        orders.of("created").add(3)

    _forked(count)
    _forked(count)
    shared.count_here(0)
    orders.of("created").add()

    assert _totals(shared)["orders_total", "created"] == [7]


def test_gauges_are_summed_over_processes_and_begin_anew_in_a_replacement():
    waiting = Gauge("waiting", "Requests that wait.")
    shared = SharedMetrics((waiting,), 2)

    def set_in(process: int) -> None:
        shared.count_here(process)
        waiting.of().set(5)

    _forked(lambda: set_in(0))
    _forked(lambda: set_in(1))
    assert _totals(shared)["waiting",] == [10]
    shared.count_here(1)

    assert _totals(shared)["waiting",] == [5]


def test_a_value_at_a_bound_is_in_its_bucket_and_one_beyond_all_in_the_last():
    sizes = Histogram("sizes", "Sizes.", bounds=(1, 10))
    shared = SharedMetrics((sizes,)).count_here()

    for size in (1, 2, 10, 11):
        sizes.of().observe(size)

    assert _totals(shared)["sizes",] == [1, 2, 1, 24]


def test_a_value_that_no_label_declares_is_counted_as_another_one(orders):
    shared = SharedMetrics((orders,)).count_here()

    orders.of("text of a caller").add()

    assert _totals(shared) == {("orders_total", "created"): [0], ("orders_total", OTHER): [1]}


def test_no_count_of_several_threads_is_lost(orders):
    shared = SharedMetrics((orders,)).count_here()

    with ThreadPoolExecutor(4) as threads:
        for each in [threads.submit(lambda: [orders.of("created").add() for _ in range(2_000)]) for _ in range(4)]:
            each.result()

    assert _totals(shared)["orders_total", "created"] == [8_000]
