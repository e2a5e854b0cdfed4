"""Released insights: what was charged, what was released, cell by cell."""

from datetime import date
from typing import Annotated

from ledger.kernel.ids import ChargeId, ReleaseId
from ledger.kernel.record import Col, record
from ledger.records.facts import Fact
from ledger.records.partners import Vertical


@record
class BudgetCharge(Fact):
    """Privacy spent for one metric of one month, committed before any private row was read; never refunded."""

    TABLE = "budget_charges"
    charge_id: Annotated[ChargeId, Col("Id of the charge.")]
    metric: Annotated[str, Col("Name of the metric in the catalogue.")]
    month: Annotated[date, Col("First day of the month that the metric is about.")]
    spec_hash: Annotated[bytes, Col("SHA-256 of the metric's spec as it was charged.")]
    rho_micro: Annotated[int, Col("Zero-concentrated privacy loss (rho) per person, in millionths.")]
    actor: Annotated[str, Col("Who released.")]


@record
class InsightRelease(Fact):
    """One metric of one month, released once for everybody."""

    TABLE = "insight_releases"
    release_id: Annotated[ReleaseId, Col("Id of the release.")]
    charge_id: Annotated[ChargeId, Col("The charge that paid for it.")]
    metric: Annotated[str, Col("Name of the metric in the catalogue.")]
    month: Annotated[date, Col("First day of the month.")]
    unit: Annotated[
        str, Col("What the values count: customers, transactions, or an ISO 4217 code for its minor units.")
    ]
    as_of_seq: Annotated[int, Col("Journal position that the released figures are true for.")]
    contribution_limit: Annotated[int, Col("Largest L2 norm of one person's vector over the cells, in units.")]
    noise_scale_micro: Annotated[int, Col("Standard deviation of the noise, in millionths of a unit.")]
    rho_micro: Annotated[int, Col("Privacy loss (rho) per person, in millionths.")]


@record
class InsightCell(Fact):
    """One released value: a clipped total with noise, stored once and read for ever."""

    TABLE = "insight_cells"
    release_id: Annotated[ReleaseId, Col("The release.")]
    vertical: Annotated[Vertical, Col("The line of business.")]
    value: Annotated[int | None, Col("The released value in units; null where the vertical is not eligible.")]
    margin_95: Annotated[
        int | None, Col("Half the width of the 95 % interval of the noise, in units; null as the value.")
    ]
