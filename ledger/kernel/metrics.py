"""Metrics: counters, gauges and histograms with fixed labels, each declared in the module that counts it.

Every value is a whole number in a cell of its own, so that counting takes a microsecond at most; a metric whose name
ends in `_seconds` counts nanoseconds. `SharedMetrics` puts the cells where other processes see them.
"""

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from itertools import product
from threading import Lock
from typing import Final, Generic, TypeVar

OTHER: Final = "other"
"""The value of a label that stands for all values that were not declared."""

_MILLIS: Final = 1_000_000
DURATIONS: Final = tuple(
    _MILLIS * tenths // 10 for tenths in (5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000)
)
"""Upper bounds of durations, 0.5 ms to 10 s in nanoseconds."""
SIZES: Final = (1, 4, 16, 64, 256, 1_024, 4_096, 16_384)
"""Upper bounds of counts of things."""


class Series:
    """One combination of a metric's labels, and its cells in the row of this process."""

    def __init__(self, width: int) -> None:
        self._lock: Final = Lock()  # several threads count; an addition in place is a reading and a writing
        self.cells = memoryview(array("q", bytes(8 * width)))


class CounterSeries(Series):
    """A number that only grows."""

    def add(self, count: int = 1) -> None:
        """Count up."""
        with self._lock:
            self.cells[0] += count


class GaugeSeries(Series):
    """A number that goes up and down."""

    def set(self, value: int) -> None:
        """Replace the value."""
        self.cells[0] = value

    def add(self, count: int) -> None:
        """Change the value by a count, which may be negative."""
        with self._lock:
            self.cells[0] += count


class HistogramSeries(Series):
    """A count per bucket, the last of them without a bound, and the sum of all values."""

    bounds: Sequence[int]

    def observe(self, value: int) -> None:
        """Count one value."""
        at = bisect_left(self.bounds, value)
        with self._lock:
            self.cells[at] += 1
            self.cells[-1] += value


_S = TypeVar("_S", bound=Series)


class Metric(Generic[_S]):
    """A metric: its name and description, and one series for each combination of the values of its labels."""

    kind: type[_S]

    def __init__(self, name: str, says: str, *, bounds: Sequence[int] = (), **labels: Sequence[str]) -> None:
        self.name: Final = name
        self.says: Final = says
        self.bounds: Final = tuple(bounds)
        self.labels: Final = tuple(labels)
        self.width: Final = len(bounds) + 2 if bounds else 1
        self.series: Final = {values: self._made() for values in product(*labels.values())}

    def of(self, *values: str) -> _S:
        """Return the series of these values; that of `other` where it was declared, for values that were not."""
        found = self.series.get(values)
        return self.series[(OTHER,) * len(values)] if found is None else found

    def _made(self) -> _S:
        made = self.kind(self.width)
        if isinstance(made, HistogramSeries):
            made.bounds = self.bounds
        return made


class Counter(Metric[CounterSeries]):
    """A metric that only grows; its name ends in `_total`."""

    kind = CounterSeries


class Gauge(Metric[GaugeSeries]):
    """A metric that goes up and down; the processes' values are summed."""

    kind = GaugeSeries


class Histogram(Metric[HistogramSeries]):
    """A metric of how values are distributed."""

    kind = HistogramSeries


AnyMetric = Counter | Gauge | Histogram
