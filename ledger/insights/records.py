"""Records of released insights: charges, releases, and the cells of each."""

from datetime import date
from typing import Annotated, NewType
from uuid import UUID

from ledger.kernel.constraints import Check, Refers, Unique
from ledger.kernel.record import Col, Fact, record
from ledger.kernel.retention import Retention
from ledger.kernel.rights import Readers
from ledger.tenancy.records import Vertical

ReleaseId = NewType("ReleaseId", UUID)
ChargeId = NewType("ChargeId", UUID)


@record
class BudgetCharge(Fact):
    """Privacy spent for one metric of one month, committed before any private row was read; never refunded."""

    TABLE = "budget_charges"
    PUBLIC_IDS = (("charge", "chg"),)
    CONSTRAINTS = (
        Unique(("book_id", "charge_id")),
        Unique(("book_id", "metric", "month")),
        Check("rho", "rho_micro > 0"),
    )
    RETENTION = Retention.RELEASED
    charge_id: Annotated[ChargeId, Col("Id of the charge.")]
    metric: Annotated[str, Col("Name of the metric in the catalogue.")]
    month: Annotated[date, Col("First day of the month of the metric.")]
    spec_hash: Annotated[bytes, Col("SHA-256 of the metric's spec as it was charged.")]
    rho_micro: Annotated[int, Col("Zero-concentrated privacy loss (rho) per person, in millionths.")]
    actor: Annotated[str, Col("The actor that released.")]


@record
class InsightRelease(Fact):
    """One metric of one month, released once for everybody."""

    TABLE = "insight_releases"
    PUBLIC_IDS = (("release", "rel"),)
    CONSTRAINTS = (
        Refers(("book_id", "charge_id"), "budget_charges"),
        Unique(("book_id", "release_id")),
        Unique(("book_id", "metric", "month")),
    )
    READERS = Readers.ALL
    RETENTION = Retention.RELEASED
    release_id: Annotated[ReleaseId, Col("Id of the release.")]
    charge_id: Annotated[ChargeId, Col("The charge that paid for it.")]
    metric: Annotated[str, Col("Name of the metric in the catalogue.")]
    month: Annotated[date, Col("First day of the month.")]
    unit: Annotated[
        str, Col("The unit of the values: customers, transactions, or an ISO 4217 code for its minor units.")
    ]
    as_of_seq: Annotated[int, Col("Journal position up to which the released figures count.")]
    contribution_limit: Annotated[int, Col("Largest L2 norm of one person's vector over the cells, in units.")]
    noise_scale_micro: Annotated[int, Col("Standard deviation of the noise, in millionths of a unit.")]
    rho_micro: Annotated[int, Col("Privacy loss (rho) per person, in millionths.")]
    spec_hash: Annotated[
        bytes | None, Col("SHA-256 of the metric's spec, as in the charge; null in releases before histograms.")
    ] = None
    limit_months: Annotated[
        int | None,
        Col("The number of released histograms that the limit was chosen from; 0 for a public limit, or null before."),
    ] = None


@record
class InsightCell(Fact):
    """One released value: a clipped total with noise, stored once and read for ever."""

    TABLE = "insight_cells"
    CONSTRAINTS = (
        Refers(("book_id", "release_id"), "insight_releases"),
        Unique(("book_id", "release_id", "vertical")),
    )
    READERS = Readers.ALL
    RETENTION = Retention.RELEASED
    release_id: Annotated[ReleaseId, Col("The release.")]
    vertical: Annotated[Vertical, Col("The line of business.")]
    value: Annotated[int | None, Col("The released value in units; null if the vertical is not eligible.")]
    margin_95: Annotated[
        int | None, Col("Half the width of the 95 % interval of the noise, in units; null as the value.")
    ]
    smoothed: Annotated[
        int | None, Col("The value drawn toward the shape of earlier months, in units; null as the value.")
    ] = None
    total_low_95: Annotated[
        int | None, Col("Lower end of the 95 % interval of the total before clipping, in units; null as the value.")
    ] = None
    total_high_95: Annotated[
        int | None, Col("Upper end of the 95 % interval of the total before clipping, in units; null as the value.")
    ] = None


@record
class InsightBucket(Fact):
    """The released number of persons between two sizes, by what they did in the month; with noise, for ever."""

    TABLE = "insight_buckets"
    CONSTRAINTS = (
        Refers(("book_id", "release_id"), "insight_releases"),
        Unique(("book_id", "release_id", "at_least")),
    )
    READERS = Readers.ALL
    RETENTION = Retention.RELEASED
    release_id: Annotated[ReleaseId, Col("The release.")]
    at_least: Annotated[
        int, Col("The least size in the bucket: transactions, or minor units of the book's currency; the first is 0.")
    ]
    value: Annotated[
        int | None,
        Col("The released number of persons, up to the next bucket's size; null if no vertical is eligible."),
    ]
