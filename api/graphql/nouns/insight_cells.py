"""Values of insights in the schema: cells with their intervals, and buckets of histograms."""

from enum import Enum

import strawberry

from api.graphql.nouns.partners import Vertical
from api.graphql.scalars import Whole
from ledger.insights.records import InsightBucket, InsightCell


@strawberry.enum(name="InsightWithheld")
class Withheld(Enum):
    """The reason why a value is not shown."""

    NOT_ELIGIBLE = strawberry.enum_value(
        "NOT_ELIGIBLE",
        description="The vertical has too few partners, or its released number of active customers is too small.",
    )


@strawberry.type(name="InsightInterval")
class IntervalNode:
    """An interval of values, with both its ends."""

    low: Whole = strawberry.field(description="The lowest value, in the insight's unit.")
    high: Whole = strawberry.field(description="The highest value, in the insight's unit.")


@strawberry.type(name="InsightCell")
class InsightCellNode:
    """A released value: a total over all partners of a vertical, with noise."""

    vertical: Vertical = strawberry.field(description="The line of business.")
    value: Whole | None = strawberry.field(
        description="The value in the insight's unit; null if the vertical has too few partners, or its released "
        "number of active customers is too small. "
        "Noise can make a small value negative."
    )
    margin_95: Whole | None = strawberry.field(
        description="In 95 of 100 releases, the total of clipped contributions is within this distance of the value."
    )
    smoothed: Whole | None = strawberry.field(
        description="The value drawn toward the shape of earlier months, which has less error over all verticals; null "
        "as the value, and in older releases."
    )
    interval_95_noise: IntervalNode | None = strawberry.field(
        name="interval95Noise",
        description="The 95 % interval of the clipped total; null as the value.",
    )
    interval_95_total: IntervalNode | None = strawberry.field(
        name="interval95Total",
        description="The 95 % interval of the total before clipping, wider upward by what clipping may have taken; "
        "null as the value, and in older releases.",
    )
    withheld: Withheld | None = strawberry.field(description="Why there is no value; null if there is one.")


@strawberry.type(name="InsightBucket")
class InsightBucketNode:
    """The released number of customers of one size: from this bucket's least size up to that of the next."""

    at_least: Whole = strawberry.field(
        description="The least size in the bucket: transactions of the month, or minor units of the book's currency."
    )
    value: Whole | None = strawberry.field(
        description="The number of customers; null if no vertical is eligible. Noise can make it negative."
    )


def show_cell(cell: InsightCell) -> InsightCellNode:
    """Return a released cell as the schema has it."""
    value, margin = cell.value, cell.margin_95
    return InsightCellNode(
        vertical=Vertical(cell.vertical),
        value=_whole(value),
        margin_95=_whole(margin),
        smoothed=_whole(cell.smoothed),
        interval_95_noise=None if value is None or margin is None else _show_interval(value - margin, value + margin),
        interval_95_total=_show_interval(cell.total_low_95, cell.total_high_95),
        withheld=Withheld.NOT_ELIGIBLE if value is None else None,
    )


def show_bucket(bucket: InsightBucket) -> InsightBucketNode:
    """Return a released bucket as the schema has it."""
    return InsightBucketNode(at_least=Whole(bucket.at_least), value=_whole(bucket.value))


def _show_interval(low: int | None, high: int | None) -> IntervalNode | None:
    return None if low is None or high is None else IntervalNode(low=Whole(low), high=Whole(high))


def _whole(value: int | None) -> Whole | None:
    return None if value is None else Whole(value)
