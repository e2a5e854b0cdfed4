"""Releasing: charges the budget for a metric's month, reads it, clips it, adds noise, and stores the cells, once.

    limit, from releases   ->   charge, committed   ->   read the pinned lake   ->   clip, add up, draw noise
    ->   store release and values

After a crash between charge and store, the next run uses the same charge and draws new noise: nobody saw the first
draw. After a crash after the store, the release is complete, and the next run skips it.
"""

import logging
from dataclasses import dataclass
from datetime import date
from typing import Final

import sqlalchemy as sa

from lake.privacy.catalogue import MetricSpec, metric_specs, spec_hash
from lake.privacy.contributions import BronzeFiles, eligible_verticals, person_vectors
from lake.privacy.histograms import noisy_histogram
from lake.privacy.limits import Histogram
from lake.privacy.release import noisy_cells
from lake.tables import Lake
from ledger.imports.imports import quiet
from ledger.insights.budget import ChargeOrder, charge
from ledger.insights.errors import AlreadyReleased
from ledger.insights.orders import BucketOrder, ReleaseOrder
from ledger.insights.records import ChargeId
from ledger.insights.releases import record_release, released_periods
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.work import begin, read
from ledger.tenancy.records import Book, Vertical
from pipelines.insights.cells import finished_cells
from pipelines.insights.cut import pinned_book
from pipelines.insights.due import is_complete, is_eligible, require_releasable
from pipelines.insights.history import History

_ACTOR: Final = "insights"

_log = logging.getLogger("cofferdam.insights")


@dataclass(frozen=True, slots=True)
class MonthRelease:
    """The metrics that a run released for one month of a book; earlier releases are not included."""

    book_name: str
    month: date
    metrics: tuple[str, ...]
    as_of_seq: int


def release_month(
    engine: sa.Engine, lake: Lake, book: Book, month: date, *, clock: Clock = system_clock
) -> MonthRelease | None:
    """Release the missing metrics of one month; returns None if the book has no eligible vertical.

    Raises `Unavailable` while the book is being imported or released, `InvalidInput` for a month that is not closed or
    is outside of the book's operating period, before anything is charged; and the errors of the budget.
    """
    with quiet(engine, book):
        cut = _eligible_cut(engine, lake, book)
        if cut is None:
            return None
        require_releasable(engine, book, month, now=clock())
        return _release(_Occasion(engine, book, cut, clock), month)


@dataclass(frozen=True, slots=True)
class _Occasion:
    """A book locked against imports and other releases, with the pinned files that all releases of this run read."""

    engine: sa.Engine
    book: Book
    cut: BronzeFiles
    clock: Clock


def _eligible_cut(engine: sa.Engine, lake: Lake, book: Book) -> BronzeFiles | None:
    cut = pinned_book(engine, lake, book)
    if cut is not None and is_eligible(cut, book):
        return cut
    _log.info("book %r has no vertical with enough partners: nothing is charged or released", book.name)
    return None


def _release(occasion: _Occasion, month: date) -> MonthRelease:
    book = occasion.book
    metrics = [] if _is_complete(occasion, month) else _released_metrics(occasion, month)
    _log.info("book %r: released %s of %s", book.name, ", ".join(metrics) or "nothing new", f"{month:%Y-%m}")
    return MonthRelease(book.name, month, tuple(metrics), occasion.cut.as_of_seq)


def _is_complete(occasion: _Occasion, month: date) -> bool:
    with read(occasion.engine) as reader:
        return is_complete(released_periods(reader, occasion.book.book_id), occasion.book, month)


def _released_metrics(occasion: _Occasion, month: date) -> list[str]:
    return [spec.name for spec in metric_specs(occasion.book.currency) if _release_metric(occasion, month, spec)]


def _release_metric(occasion: _Occasion, month: date, public: MetricSpec) -> bool:
    """Release one metric; return whether it was still missing."""
    book = occasion.book
    with read(occasion.engine) as reader:
        spec = History(reader, book, month).under_limit(public)
    order = ChargeOrder(spec.name, month, spec_hash(spec), spec.rho_micro)
    try:
        with begin(occasion.engine, actor=_ACTOR, clock=occasion.clock) as work:
            charge_id = charge(work, book.book_id, order)
    except AlreadyReleased:
        return False
    # The charge is committed: private rows are read from here on, and nothing is refunded.
    release = _drawn(occasion, month, spec, charge_id)
    with begin(occasion.engine, actor=_ACTOR, clock=occasion.clock) as work:
        record_release(work, book.book_id, release)
    return True


def _drawn(occasion: _Occasion, month: date, spec: MetricSpec, charge_id: ChargeId) -> ReleaseOrder:
    """Read the private rows, draw the values with noise, and derive what follows from them."""
    eligible = _eligible(occasion, month, spec)
    vectors = person_vectors(occasion.cut, spec, month=month, currency=occasion.book.currency, eligible=eligible)
    drawn = noisy_histogram(spec, vectors) if spec.thresholds else noisy_cells(spec, eligible, vectors)
    release = ReleaseOrder(
        charge_id=charge_id,
        unit=spec.unit,
        as_of_seq=occasion.cut.as_of_seq,
        contribution_limit=spec.limit,
        noise_scale_micro=drawn.noise_scale_micro,
        limit_months=spec.limit_months,
    )
    if isinstance(drawn, Histogram):
        return release._replace(buckets=_buckets(spec, drawn, is_shown=bool(eligible)))
    with read(occasion.engine) as reader:
        return release._replace(cells=finished_cells(History(reader, occasion.book, month), spec, drawn))


def _buckets(spec: MetricSpec, drawn: Histogram, *, is_shown: bool) -> list[BucketOrder]:
    sizes = (0, *spec.thresholds)
    return [BucketOrder(size, count if is_shown else None) for size, count in zip(sizes, drawn.counts, strict=True)]


def _eligible(occasion: _Occasion, month: date, spec: MetricSpec) -> tuple[Vertical, ...]:
    """Return the verticals with enough partners and, by the month's release, enough customers."""
    enrolled = eligible_verticals(occasion.cut, min_partners=spec.min_partners)
    if not spec.min_customers:
        return enrolled
    with read(occasion.engine) as reader:
        counted = History(reader, occasion.book, month).counted(spec)
    return tuple(vertical for vertical in enrolled if vertical in counted)
