"""Released insights in the schema: values that were released once for all partners, not queries over private rows."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

import strawberry

from api.context import Call
from api.graphql.arguments import read_argument
from api.graphql.columns import BOOK, Shown
from api.graphql.connections import After, Before, Connection, Cursors, First, Last, page
from api.graphql.cursors import InvalidCursor, cursors_by_text
from api.graphql.loaders import loaded_once, position
from api.graphql.nodes import Finder, Node
from api.graphql.nouns.insight_cells import InsightBucketNode, InsightCellNode, show_bucket, show_cell
from api.graphql.scalars import Whole
from ledger.insights.guarantee import GUARANTEE
from ledger.insights.records import InsightBucket, InsightCell, InsightRelease, ReleaseId
from ledger.insights.releases import ReleasedInsight, ReleasedPeriod, insights, released_insights
from ledger.kernel.errors import InvalidInput
from ledger.kernel.texts import checked_text
from ledger.public_ids import public

_COUNTS: Final = "the positions of a book count the facts of all partners"
SHOWN: Final = {
    InsightRelease: Shown(
        ("Insight", "InsightRelease"),
        {"recorded_at": "released_at", "release_id": "id"},
        {
            "book_id": BOOK,
            "seq": _COUNTS,
            "as_of_seq": _COUNTS,
            "charge_id": "the release shows its cost as rho, epsilon and delta",
        },
    ),
    InsightCell: Shown(
        ("InsightCell", "InsightInterval"),
        {"margin_95": "margin95", "total_low_95": "low", "total_high_95": "high"},
        {
            "book_id": BOOK,
            "seq": _COUNTS,
            "recorded_at": "the same as that of the release",
            "release_id": "cells are shown within their release",
        },
    ),
    InsightBucket: Shown(
        ("InsightBucket",),
        {},
        {
            "book_id": BOOK,
            "seq": _COUNTS,
            "recorded_at": "the same as that of the release",
            "release_id": "buckets are shown within their release",
        },
    ),
}


_MILLION: Final = 1_000_000


@strawberry.type(name="InsightRelease")
class InsightReleaseNode:
    """The parameters of a release, and its privacy guarantee."""

    released_at: datetime = strawberry.field(description="The instant of the release.")
    rho_micro: Whole = strawberry.field(description="The privacy cost per person: rho of zCDP, in millionths.")
    contribution_limit: Whole = strawberry.field(
        description="The largest contribution of one person, in the insight's unit: the L2 norm over all cells."
    )
    noise_scale_micro: Whole = strawberry.field(
        description="Standard deviation of the noise, in millionths of the insight's unit."
    )
    limit_months: int | None = strawberry.field(
        description="The number of released months that the limit was chosen from; 0 for a public limit, null in older "
        "releases."
    )
    spec_hash: str | None = strawberry.field(
        description="SHA-256 of the metric's spec in hexadecimal; null in older releases."
    )
    epsilon: str = strawberry.field(
        description="The largest privacy loss of a person over all releases of 12 consecutive months, as decimal text."
    )
    delta: str = strawberry.field(description="The delta of the epsilon, as decimal text.")
    protects: str = strawberry.field(description="The privacy guarantee in words.")


@strawberry.type(name="Insight")
class InsightNode(Node):
    """A metric of one month across all partners; the same for every reader."""

    metric: str = strawberry.field(description="Name of the metric, such as active_customers.")
    month: date = strawberry.field(description="First day of the month.")
    unit: str = strawberry.field(
        description="The unit of the values: customers, transactions, or an ISO 4217 code for its minor units."
    )
    cells: list[InsightCellNode] = strawberry.field(
        description="One value for each declared vertical; empty if the metric is a histogram."
    )
    buckets: list[InsightBucketNode] = strawberry.field(
        description="Customers by size, from the smallest on, if the metric is a histogram; else empty."
    )
    release: InsightReleaseNode = strawberry.field(description="The parameters of the release, and its guarantee.")
    period: strawberry.Private[ReleasedPeriod]


@strawberry.type
class InsightQueries:
    """Queries of released insights."""

    @strawberry.field
    def insights(
        self,
        info: strawberry.Info[Call, None],
        metric: Annotated[str | None, strawberry.argument(description="Only this metric.")] = None,
        month: Annotated[date | None, strawberry.argument(description="Only this month: its first day.")] = None,
        *,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[InsightNode]:
        """Released insights across partners, newest month first. Reading them costs no privacy."""
        call, piece = info.context, _CURSORS.slice(first, after, last, before)
        first_day = None if month is None else read_argument("month", _first_day, month)
        wanted = None if metric is None else read_argument("metric", checked_text, "metric", metric)

        def read() -> list[ReleasedInsight]:
            return released_insights(call.reader(), call.book_id, piece.with_one_more, metric=wanted, month=first_day)

        nodes = [_show(found) for found in loaded_once(call, ("insights", piece, wanted, first_day), read)]
        return page(nodes, lambda node: _CURSORS.write(node.period), piece, as_of=position(call))


def _first_day(month: date) -> date:
    if month.day != 1:
        raise InvalidInput(f"{month} is not a month; name a month by its first day")
    return month


def _period_of(cursor: str) -> ReleasedPeriod:
    month, _, metric = _TEXTS.read(cursor).partition(" ")
    try:
        return ReleasedPeriod(date.fromisoformat(month), metric)
    except ValueError:
        raise InvalidCursor("this is not a cursor of insights: pass one of their pages, unchanged") from None


_TEXTS: Final = cursors_by_text("insight")
_CURSORS: Final = Cursors(lambda period: _TEXTS.write(f"{period.month} {period.metric}"), _period_of)


def _show(found: ReleasedInsight) -> InsightNode:
    release = found.release
    return InsightNode(
        id=strawberry.ID(public("release", release.release_id)),
        period=ReleasedPeriod(release.month, release.metric),
        metric=release.metric,
        month=release.month,
        unit=release.unit,
        cells=[show_cell(cell) for cell in found.cells],
        buckets=[show_bucket(bucket) for bucket in found.buckets],
        release=_show_release(release),
    )


def _show_release(release: InsightRelease) -> InsightReleaseNode:
    return InsightReleaseNode(
        released_at=release.recorded_at,
        rho_micro=Whole(release.rho_micro),
        contribution_limit=Whole(release.contribution_limit),
        noise_scale_micro=Whole(release.noise_scale_micro),
        limit_months=release.limit_months,
        spec_hash=None if release.spec_hash is None else release.spec_hash.hex(),
        epsilon=_millionths(GUARANTEE.epsilon_micro),
        delta=GUARANTEE.delta,
        protects=GUARANTEE.protects,
    )


def _millionths(micro: int) -> str:
    return f"{micro // _MILLION}.{micro % _MILLION:06d}".rstrip("0").rstrip(".")


def _insights(call: Call, ids: Sequence[UUID]) -> dict[UUID, InsightNode]:
    found = insights(call.reader(), call.book_id, [ReleaseId(each) for each in ids])
    return {each.release.release_id: _show(each) for each in found}


NODES: Final[Mapping[str, Finder]] = {"release": _insights}
