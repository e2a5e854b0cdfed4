"""Releases: store the cells of a metric's month once and for ever, and read released insights."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

import sqlalchemy as sa

from ledger.insights.errors import AlreadyReleased
from ledger.insights.orders import ReleaseOrder
from ledger.insights.records import BudgetCharge, ChargeId, InsightBucket, InsightCell, InsightRelease, ReleaseId
from ledger.journal import journal
from ledger.kernel.errors import NotFound, require
from ledger.kernel.ids import BookId, derived_id
from ledger.kernel.pages import Slice
from ledger.kernel.sql import table
from ledger.kernel.work import Reader, Work
from ledger.tenancy.records import Vertical

_BUDGET_CHARGES: Final = table(BudgetCharge)
_INSIGHT_BUCKETS: Final = table(InsightBucket)
_INSIGHT_CELLS: Final = table(InsightCell)
_INSIGHT_RELEASES: Final = table(InsightRelease)

_ALL: Final = 1 << 31


class ReleasedPeriod(NamedTuple):
    """The key of a release in the list of all: its month, and its metric."""

    month: date
    metric: str


@dataclass(frozen=True, slots=True)
class ReleasedInsight:
    """One release with its cells in the declared order of the verticals, or its buckets by size; the same for all."""

    release: InsightRelease
    cells: tuple[InsightCell, ...]
    buckets: tuple[InsightBucket, ...] = ()


def record_release(work: Work, book_id: BookId, order: ReleaseOrder) -> ReleaseId:
    """Store a release with all its values as one batch of the journal; metric, month and price come from its charge.

    Raises `AlreadyReleased` if the metric and month have cells, `NotFound` for an unknown charge: the drawn values must
    then be discarded unseen.
    """
    _require_whole(order)
    batch = journal.open_batch(work, book_id)
    paid = _charge(work.connection, book_id, order.charge_id)
    if (paid.metric, paid.month) in released_periods(Reader(work.connection), book_id):
        raise AlreadyReleased(f"{paid.metric} of {paid.month:%Y-%m} was already released; its cells are final")
    release_id = ReleaseId(derived_id(book_id, "release", paid.metric, paid.month.isoformat()))
    cells = [journal.draft(InsightCell, release_id=release_id, **cell._asdict()) for cell in order.cells]
    buckets = [journal.draft(InsightBucket, release_id=release_id, **bucket._asdict()) for bucket in order.buckets]
    journal.seal(work, batch, [_release_draft(order, paid, release_id), *cells, *buckets])
    return release_id


def released_periods(reader: Reader, book_id: BookId) -> frozenset[tuple[str, date]]:
    """Return each metric and month that has been released."""
    insight_releases = _INSIGHT_RELEASES.c
    query = sa.select(insight_releases.metric, insight_releases.month).where(insight_releases.book_id == book_id)
    return frozenset((row.metric, row.month) for row in reader.connection.execute(query))


def released_insights(
    reader: Reader,
    book_id: BookId,
    wanted: Slice[ReleasedPeriod] | None = None,
    *,
    month: date | None = None,
    metric: str | None = None,
) -> list[ReleasedInsight]:
    """Return a slice of the releases, or all, newest month first; the same for every partner, in two statements."""
    piece = wanted or Slice(limit=_ALL)
    span = piece.bounds(is_descending=True)
    asked: dict[str, object] = {"book": book_id, "month": month, "metric": metric, "limit": span.limit}
    for name, key in (("above", span.above), ("below", span.below)):
        asked |= {f"{name}_month": key and key.month, f"{name}_metric": key and key.metric}
    rows = reader.connection.execute(_RELEASED[span.is_descending], asked)
    return _with_values(reader, book_id, piece.in_order([InsightRelease(**row._asdict()) for row in rows]))


def insights(reader: Reader, book_id: BookId, release_ids: Sequence[ReleaseId]) -> list[ReleasedInsight]:
    """Return the releases with these ids, in two statements."""
    rows = reader.connection.execute(_BY_IDS, {"book": book_id, "releases": list(release_ids)})
    return _with_values(reader, book_id, [InsightRelease(**row._asdict()) for row in rows])


def _require_whole(order: ReleaseOrder) -> None:
    """Require a cell for each vertical, or buckets from 0 on; the whole is published, or nothing is."""
    if order.buckets:
        sizes = [bucket.at_least for bucket in order.buckets]
        require(sizes[0] == 0 and sizes == sorted(set(sizes)), "buckets have rising sizes from 0 on")
        require(not order.cells, "a release is a histogram, or has a cell per vertical")
        return
    require([cell.vertical for cell in order.cells] == list(Vertical), "a release has one cell per declared vertical")
    require(all((cell.value is None) == (cell.margin_95 is None) for cell in order.cells), "a value has its margin")


def _with_values(reader: Reader, book_id: BookId, releases: Sequence[InsightRelease]) -> list[ReleasedInsight]:
    found = _values(reader.connection, book_id, [release.release_id for release in releases])
    return [
        ReleasedInsight(
            release,
            tuple(each for each in found[release.release_id] if isinstance(each, InsightCell)),
            tuple(each for each in found[release.release_id] if isinstance(each, InsightBucket)),
        )
        for release in releases
    ]


def _charge(connection: sa.Connection, book_id: BookId, charge_id: ChargeId) -> BudgetCharge:
    budget_charges = _BUDGET_CHARGES.c
    query = sa.select(_BUDGET_CHARGES).where(budget_charges.book_id == book_id, budget_charges.charge_id == charge_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"book {book_id} has no charge {charge_id}; charge the budget before the release")
    return BudgetCharge(**row._asdict())


def _release_draft(order: ReleaseOrder, paid: BudgetCharge, release_id: ReleaseId) -> journal.Draft:
    return journal.draft(
        InsightRelease,
        release_id=release_id,
        charge_id=order.charge_id,
        metric=paid.metric,
        month=paid.month,
        unit=order.unit,
        as_of_seq=order.as_of_seq,
        contribution_limit=order.contribution_limit,
        noise_scale_micro=order.noise_scale_micro,
        rho_micro=paid.rho_micro,
        spec_hash=paid.spec_hash,
        limit_months=order.limit_months,
    )


def _values(
    connection: sa.Connection, book_id: BookId, release_ids: Sequence[ReleaseId]
) -> dict[ReleaseId, list[InsightCell | InsightBucket]]:
    """Return the cells and buckets of releases, in their stored order, in one statement."""
    found: dict[ReleaseId, list[InsightCell | InsightBucket]] = {release_id: [] for release_id in release_ids}
    for row in connection.execute(_VALUES, {"book": book_id, "releases": list(release_ids)}):
        columns = row._asdict()
        if row.vertical is None:
            bucket = {each.name: columns[each.name] for each in _INSIGHT_BUCKETS.c}
            found[row.release_id].append(InsightBucket(**bucket))
        else:
            cell = {each.name: columns[each.name] for each in _INSIGHT_CELLS.c}
            found[row.release_id].append(InsightCell(**cell | {"vertical": Vertical(row.vertical)}))
    return found


_BOOK: Final = sa.bindparam("book", type_=sa.Integer())
_BY_IDS: Final = sa.select(_INSIGHT_RELEASES).where(
    _INSIGHT_RELEASES.c.book_id == _BOOK,
    _INSIGHT_RELEASES.c.release_id
    == sa.any_(sa.bindparam("releases", type_=sa.ARRAY(_INSIGHT_RELEASES.c.release_id.type))),
)


def _released(months: str, metrics: str) -> sa.TextClause:
    """Select by month, and within a month by metric in the opposite direction, so that metrics read A to Z."""
    return sa.text(f"""
        SELECT * FROM insight_releases
        WHERE book_id = :book AND (month = :month) IS NOT FALSE AND (metric = :metric) IS NOT FALSE
          AND (month > :above_month OR (month = :above_month AND metric < :above_metric)) IS NOT FALSE
          AND (month < :below_month OR (month = :below_month AND metric > :below_metric)) IS NOT FALSE
        ORDER BY month {months}, metric {metrics} LIMIT :limit
    """).bindparams(  # noqa: S608  # two of two words
        *(sa.bindparam(name, type_=sa.Date()) for name in ("month", "above_month", "below_month")),
        *(sa.bindparam(name, type_=sa.Text()) for name in ("metric", "above_metric", "below_metric")),
    )


_RELEASED: Final = {True: _released("DESC", "ASC"), False: _released("ASC", "DESC")}


def _values_of_releases(values: sa.Table) -> sa.Select[tuple[object, ...]]:
    """Select the values of releases, with null for the columns that only the other table has."""
    columns = {column.name: column for table in (_INSIGHT_CELLS, _INSIGHT_BUCKETS) for column in table.c}
    return sa.select(
        *(
            values.c[name] if name in values.c else sa.cast(sa.null(), column.type).label(name)
            for name, column in columns.items()
        )
    ).where(
        values.c.book_id == _BOOK,
        values.c.release_id == sa.any_(sa.bindparam("releases", type_=sa.ARRAY(values.c.release_id.type))),
    )


_VALUES: Final = sa.union_all(_values_of_releases(_INSIGHT_CELLS), _values_of_releases(_INSIGHT_BUCKETS)).order_by(
    "seq"
)
