"""Orders for releases: drawn values with their parameters, to be stored for one charge."""

from collections.abc import Sequence
from typing import NamedTuple

from ledger.insights.records import ChargeId
from ledger.tenancy.records import Vertical


class CellOrder(NamedTuple):
    """A value to be released, in units, with its margin; all are None if the vertical is not eligible.

    `smoothed` and the interval of the total before clipping follow from the value, and from what was released before.
    """

    vertical: Vertical
    value: int | None
    margin_95: int | None
    smoothed: int | None = None
    total_low_95: int | None = None
    total_high_95: int | None = None


class BucketOrder(NamedTuple):
    """A bucket to be released: persons of a size from `at_least` on; None if no vertical is eligible."""

    at_least: int
    value: int | None


class ReleaseOrder(NamedTuple):
    """A release to be stored, with its noise drawn: its charge, its position, its parameters, and its values.

    A total has `cells`, one for each declared vertical; a histogram has `buckets`, by rising size from 0 on.
    `contribution_limit` is in units, `noise_scale_micro` in millionths of a unit; `limit_months` is the number of
    released histograms that the limit was chosen from, 0 for a public one.
    """

    charge_id: ChargeId
    unit: str
    as_of_seq: int
    contribution_limit: int
    noise_scale_micro: int
    cells: Sequence[CellOrder] = ()
    buckets: Sequence[BucketOrder] = ()
    limit_months: int = 0
