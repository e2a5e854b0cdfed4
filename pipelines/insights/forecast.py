"""Forecasts: how exact the next month's figures will be, from released figures alone, before anything is spent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lake.privacy.catalogue import MetricSpec, metric_specs
from lake.privacy.noise import margin_95, noise_scale_micro
from ledger.insights.releases import ReleasedInsight, released_insights
from ledger.kernel.work import Reader
from ledger.tenancy.records import Book
from pipelines.insights.due import is_complete
from pipelines.insights.history import History

_PERCENT: Final = 100


@dataclass(frozen=True, slots=True)
class Forecast:
    """The error to expect of one metric: its limit and margin in units, the latter relative to the latest values.

    `limit_months` is 0 for a public limit. `percent` has the margin in percent of the latest released value for each
    vertical that has one above the margin; in the others, which `too_small` names, no more than the margin is learned.
    """

    metric: str
    unit: str
    limit: int
    limit_months: int
    margin_95: int
    rho_micro: int
    percent: dict[str, int]
    too_small: tuple[str, ...]


def forecasts(reader: Reader, book: Book) -> Iterator[Forecast]:
    """Yield the forecast of every metric of the book's next month; it reads releases, and costs no privacy."""
    released = released_insights(reader, book.book_id)
    periods = {(each.release.metric, each.release.month) for each in released}
    complete = [each.release.month for each in released if is_complete(periods, book, each.release.month)]
    for public in metric_specs(book.currency):
        spec = History(reader, book, max(complete)).next_limit(public) if complete else public
        yield _forecast(spec, [each for each in released if each.release.metric == spec.name])


def _forecast(spec: MetricSpec, released: Sequence[ReleasedInsight]) -> Forecast:
    margin = margin_95(noise_scale_micro(spec.limit, spec.rho_micro))
    latest = released[0].cells if released else ()
    values = {str(cell.vertical): cell.value for cell in latest if cell.value is not None}
    return Forecast(
        metric=spec.name,
        unit=spec.unit,
        limit=spec.limit,
        limit_months=spec.limit_months,
        margin_95=margin,
        rho_micro=spec.rho_micro,
        percent={name: margin * _PERCENT // value for name, value in values.items() if value > margin},
        too_small=tuple(name for name, value in values.items() if value <= margin),
    )
