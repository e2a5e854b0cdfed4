"""Cells: what follows from drawn values and earlier releases, without any private row."""

from collections.abc import Sequence

from lake.privacy.catalogue import Measure, MetricSpec
from lake.privacy.intervals import Interval, clipped_away, count_intervals, total_intervals
from lake.privacy.release import Cell, NoisyCells
from lake.privacy.smoothing import smoothed
from ledger.insights.orders import CellOrder
from pipelines.insights.history import History


def finished_cells(history: History, spec: MetricSpec, drawn: NoisyCells) -> list[CellOrder]:
    """Return the drawn cells with their smoothed values and the intervals of the totals before clipping.

    The interval is None while no histogram was released that tells how much clipping takes.
    """
    shown = [(cell.vertical, cell.value, cell.margin_95) for cell in drawn.cells]
    verticals = [vertical for vertical, value, _ in shown if value is not None]
    values = [value for _, value, _ in shown if value is not None]
    margin = max((margin for _, _, margin in shown if margin is not None), default=0)
    smooth = smoothed(values, history.profile(spec, verticals), drawn.noise_scale_micro)
    intervals = _intervals(history, spec, values, margin)
    more = dict(zip(verticals, zip(smooth, intervals, strict=True), strict=True))
    return [_finished(cell, more.get(cell.vertical)) for cell in drawn.cells]


def _intervals(history: History, spec: MetricSpec, values: Sequence[int], margin: int) -> Sequence[Interval | None]:
    if spec.measure is Measure.PERSONS:
        return count_intervals(values, margin, spec.limit)
    histograms = history.histograms(spec)
    if not histograms:
        return [None] * len(values)
    return total_intervals(values, margin, clipped_away(spec.limit, history.thresholds(spec), histograms))


def _finished(cell: Cell, more: tuple[int, Interval | None] | None) -> CellOrder:
    if more is None:
        return CellOrder(*cell)
    smooth, interval = more
    return CellOrder(*cell, smooth, *(interval or (None, None)))
