"""The memory of metrics: a row of cells for each process of a program, in one mapping that all of them share.

It is made before they are forked: what a killed process has counted stays, and its replacement goes on from there.
"""

import os
from collections.abc import Iterator, Sequence
from mmap import mmap
from typing import Final, Self

from ledger.kernel.metrics import AnyMetric, GaugeSeries, Series

_CELL_BYTES: Final = 8


class SharedMetrics:
    """The metrics of a program, with a row of cells for each of its processes. Make it before they are forked."""

    def __init__(self, metrics: Sequence[AnyMetric], processes: int = 1) -> None:
        self.metrics: Final = metrics
        self._width = 1 + sum(each.width * len(each.series) for each in metrics)
        self._cells: Final = memoryview(mmap(-1, processes * self._width * _CELL_BYTES)).cast("q")
        self._processes: Final = processes

    def count_here(self, process: int = 0) -> Self:
        """Count in the row of this process from now on, after what its predecessor has counted; gauges begin at 0."""
        self._row(process)[0] = os.getpid()
        for metric, series, at in self._places():
            series.cells = self._row(process)[at : at + metric.width]
            if isinstance(series, GaugeSeries):
                series.set(0)
        return self

    def pids(self) -> list[int]:
        """Return the id of each process that has begun to count, or 0, by its row."""
        return [self._row(process)[0] for process in range(self._processes)]

    def totals(self) -> Iterator[tuple[AnyMetric, tuple[str, ...], list[int]]]:
        """Yield the cells of each series, summed over the processes, with its metric and the values of its labels."""
        at = 1
        for metric in self.metrics:
            for values in metric.series:
                rows = (self._row(process)[at : at + metric.width] for process in range(self._processes))
                yield metric, values, [sum(cells) for cells in zip(*rows, strict=True)]
                at += metric.width

    def _row(self, process: int) -> memoryview:
        return self._cells[process * self._width : (process + 1) * self._width]

    def _places(self) -> Iterator[tuple[AnyMetric, Series, int]]:
        at = 1
        for metric in self.metrics:
            for series in metric.series.values():
                yield metric, series, at
                at += metric.width
