"""Collectors: show what a program's processes have counted, and the processes themselves, in Prometheus' terms."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import accumulate
from typing import Final

import psutil
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from ledger.kernel.metrics import AnyMetric, Counter, Histogram
from ledger.kernel.metrics_memory import SharedMetrics

_NANOS: Final = 1e9

PROCESS_METRICS: Final = (
    ("process_cpu_seconds_total", "User and system CPU time of a process."),
    ("process_resident_memory_bytes", "Resident memory of a process."),
    ("process_open_fds", "Open file descriptors of a process."),
    ("process_start_time_seconds", "Start of a process since 1970."),
)
"""Names and descriptions of what every process shows, by the number of the worker; names as Prometheus gives them."""


class SharedCollector(Collector):
    """Shows the sums of what all processes of a program have counted."""

    def __init__(self, shared: SharedMetrics) -> None:
        self._shared: Final = shared

    def collect(self) -> Iterator[Metric]:
        """Yield a family for each metric, with all of its series."""
        families: dict[str, Metric] = {}
        for metric, values, cells in self._shared.totals():
            family = families.setdefault(metric.name, _family(metric))
            _add(family, metric, values, cells)
        yield from families.values()


class ProcessCollector(Collector):
    """Shows CPU time, memory and files of each process of a program; one that has just died is left out."""

    def __init__(self, shared: SharedMetrics) -> None:
        self._shared: Final = shared

    def collect(self) -> Iterator[Metric]:
        """Yield the families of `PROCESS_METRICS`."""
        families: list[Metric] = [
            (CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily)(name, says, labels=["worker"])
            for name, says in PROCESS_METRICS
        ]
        for worker, pid in enumerate(self._shared.pids()):
            with suppress(psutil.Error):
                for family, value in zip(families, _measured(psutil.Process(pid)), strict=True):
                    family.add_metric([str(worker)], value)  # type: ignore[attr-defined]  # of both kinds
        yield from families


def _measured(process: psutil.Process) -> tuple[float, float, float, float]:
    with process.oneshot():
        cpu = process.cpu_times()
        return cpu.user + cpu.system, process.memory_info().rss, process.num_fds(), process.create_time()


def _family(metric: AnyMetric) -> Metric:
    if isinstance(metric, Histogram):
        return HistogramMetricFamily(metric.name, metric.says, labels=metric.labels)
    kind = CounterMetricFamily if isinstance(metric, Counter) else GaugeMetricFamily
    return kind(metric.name, metric.says, labels=metric.labels)


def _add(family: Metric, metric: AnyMetric, values: Sequence[str], cells: Sequence[int]) -> None:
    scale = _NANOS if metric.name.endswith("_seconds") else 1
    if isinstance(family, HistogramMetricFamily):
        *counts, total = cells
        bounds = [*(f"{bound / scale:g}" for bound in metric.bounds), "+Inf"]
        family.add_metric(values, list(zip(bounds, accumulate(counts), strict=True)), total / scale)
    else:
        family.add_metric(values, cells[0] / scale)  # type: ignore[attr-defined]  # of both other kinds
