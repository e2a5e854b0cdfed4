"""The history of releases: which limit it gives a new one, and the shape that its cells are drawn toward."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from lake.privacy.catalogue import ACTIVE_CUSTOMERS, MetricSpec, metric_specs, with_limit
from lake.privacy.limits import Histogram, chosen_limit
from lake.privacy.noise import noise_scale_micro
from ledger.insights.budget import charged_at
from ledger.insights.guarantee import GUARANTEE
from ledger.insights.releases import ReleasedInsight, released_insights
from ledger.kernel.errors import require
from ledger.kernel.work import Reader
from ledger.tenancy.records import Book, Vertical


class History(NamedTuple):
    """The releases of a book that a metric's month may build upon: all are public, and follow from paid budget."""

    reader: Reader
    book: Book
    month: date

    def under_limit(self, spec: MetricSpec) -> MetricSpec:
        """Return the spec under the limit that the released histograms give it; without any, under the public one.

        A charge that was made before fixes which histograms count, so that a retry finds the very spec of the charge.
        """
        charged = charged_at(self.reader.connection, self.book.book_id, spec.name, self.month)
        return self._chosen(spec, self.histograms(spec, before=charged))

    def next_limit(self, spec: MetricSpec) -> MetricSpec:
        """Return the spec under the limit that all histograms up to the month give it: a forecast of the next."""
        return self._chosen(spec, self.histograms(spec))

    def histograms(self, spec: MetricSpec, *, before: int | None = None) -> list[Histogram]:
        """Return the histograms of the year that ends with the month, which choose the metric's limit.

        With `before`, only those of lower positions. One whose thresholds were others does not count.
        """
        if spec.limit_by is None:
            return []
        sizes = [0, *self.thresholds(spec)]
        return [
            Histogram(tuple(bucket.value or 0 for bucket in each.buckets), each.release.noise_scale_micro)
            for each in self._year(spec.limit_by, before)
            if [bucket.at_least for bucket in each.buckets] == sizes
            and all(bucket.value is not None for bucket in each.buckets)
        ]

    def thresholds(self, spec: MetricSpec) -> tuple[int, ...]:
        """Return the thresholds of the histogram that chooses the metric's limit."""
        (found,) = (each.thresholds for each in metric_specs(self.book.currency) if each.name == spec.limit_by)
        return found

    def counted(self, spec: MetricSpec) -> tuple[Vertical, ...]:
        """Return the verticals in which the month's released `active_customers` is enough for the metric."""
        found = released_insights(self.reader, self.book.book_id, month=self.month, metric=ACTIVE_CUSTOMERS)
        require(len(found) == 1, f"{ACTIVE_CUSTOMERS} is released before {spec.name}")
        return tuple(cell.vertical for cell in found[0].cells if (cell.value or 0) >= spec.min_customers)

    def profile(self, spec: MetricSpec, verticals: Sequence[Vertical]) -> tuple[int, ...]:
        """Return the sums over the months before, of the year, in which all of the verticals had a value."""
        months = [
            {cell.vertical: cell.value for cell in each.cells}
            for each in self._year(spec.name, None)
            if each.release.month < self.month
        ]
        return _sums((month[vertical] for vertical in verticals) for month in months) or (0,) * len(verticals)

    def _chosen(self, spec: MetricSpec, found: Sequence[Histogram]) -> MetricSpec:
        if not found:
            return spec
        cells = max(1, len(self.counted(spec)))
        scale = noise_scale_micro(1, spec.rho_micro)
        return with_limit(
            spec, chosen_limit(self.thresholds(spec), found, cells=cells, unit_noise_micro=scale), len(found)
        )

    def _year(self, metric: str, before: int | None) -> list[ReleasedInsight]:
        latest = _index(self.month)
        return [
            each
            for each in released_insights(self.reader, self.book.book_id, metric=metric)
            if latest - GUARANTEE.months < _index(each.release.month) <= latest
            and (before is None or each.release.seq < before)
        ]


def _sums(months: Iterable[Iterable[int | None]]) -> tuple[int, ...]:
    whole = [values for values in map(tuple, months) if None not in values]
    return tuple(sum(value or 0 for value in values) for values in zip(*whole, strict=True))


def _index(month: date) -> int:
    return month.year * 12 + month.month
