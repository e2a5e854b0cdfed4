"""The catalogue: the metrics that are released about all partners together, fixed before any data are read."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Final

from lake.privacy.limits import limit_ladder, volume_limit_minor
from ledger.tenancy.records import Vertical

MONTH_RHO_MICRO: Final = 22_190
"""The privacy loss of all metrics of one month, per person: rho in millionths, a twelfth of the yearly cap."""

ACTIVE_CUSTOMERS: Final = "active_customers"
"""The first metric released for a month: the others are shown only if it counts enough customers."""

_BY_COUNT: Final = "customers_by_transaction_count"
_BY_VOLUME: Final = "customers_by_transaction_volume"
_MIN_CUSTOMERS: Final = 50
_SHARES: Final = {ACTIVE_CUSTOMERS: 15, _BY_COUNT: 5, _BY_VOLUME: 5, "transaction_count": 20, "transaction_volume": 55}
_TOTAL: Final = "vector clipped to the limit in L2 with integer floor, discrete Gaussian noise, zCDP"
_HISTOGRAM: Final = "each person in one bucket by the L2 norm of the vector, discrete Gaussian noise, zCDP"


class Measure(StrEnum):
    """The quantity that is summed for each person and vertical."""

    PERSONS = "persons"
    PAYMENTS = "payments"
    MINOR_UNITS = "minor_units"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSpec:
    """One metric, all of it public: nothing here was chosen by looking at data that no charge had paid for.

    `limit` is the largest L2 norm of one person's vector over the verticals, in units; `rho_micro` is the cost of one
    month in millionths; a unit has `subunits` parts, so that a clipped person need not vanish. A cell is shown if the
    vertical has `min_partners` and, by the month's released `active_customers`, `min_customers`: that figure is already
    paid for and noisy, so that using it costs nothing more.

    A spec with `thresholds` is a histogram: the number of persons between one threshold and the next, by the norm of
    their vectors. A metric with `limit_by` has its limit chosen from the released histograms of that name;
    `limit_months` is their number, or 0 while the limit is the public one.
    """

    name: str
    unit: str
    measure: Measure
    limit: int
    rho_micro: int
    subunits: int = 1
    counts: str = "transfers booked in the month from a customer account to a merchant account, in the book's currency"
    belongs_to: str = "the person_id of who owns the debited account, in the vertical of that account's partner"
    protects: str = "a person_id as a payer, with all payments of the month"
    mechanism: str = _TOTAL
    domain: tuple[str, ...] = tuple(Vertical)
    thresholds: tuple[int, ...] = ()
    limit_by: str | None = None
    limit_months: int = 0
    min_partners: int = 5
    min_customers: int = 0


def metric_specs(currency: str) -> tuple[MetricSpec, ...]:
    """Return the metrics of a book that reports in `currency`, in the order of their release.

    Public limits bound one person's payments in a month: 60 payments and a round amount of money, which is 5,000 USD or
    an amount of that magnitude in another currency, each as an L2 norm over the verticals. `with_limit` replaces them
    where histograms have been released. Raises `UnknownCurrency`.
    """
    volume = volume_limit_minor(currency)
    return (
        _spec(ACTIVE_CUSTOMERS, "customers", Measure.PERSONS, limit=2, subunits=1_000),
        _histogram(_BY_COUNT, Measure.PAYMENTS, 60),
        _histogram(_BY_VOLUME, Measure.MINOR_UNITS, volume),
        replace(_spec("transaction_count", "transactions", Measure.PAYMENTS, limit=60), limit_by=_BY_COUNT),
        replace(_spec("transaction_volume", currency, Measure.MINOR_UNITS, limit=volume), limit_by=_BY_VOLUME),
    )


def with_limit(spec: MetricSpec, limit: int, months: int) -> MetricSpec:
    """Return the spec under a limit that was chosen from the released histograms of so many months."""
    return replace(spec, limit=limit, limit_months=months)


def spec_hash(spec: MetricSpec) -> bytes:
    """Return the SHA-256 of the spec as canonical JSON: sorted keys, no blanks, ASCII; it changes with the meaning."""
    text = json.dumps(asdict(spec), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).digest()


def _histogram(name: str, measure: Measure, public_limit: int) -> MetricSpec:
    spec = _spec(name, "customers", measure, limit=1)
    return replace(spec, thresholds=limit_ladder(public_limit), mechanism=_HISTOGRAM)


def _spec(name: str, unit: str, measure: Measure, *, limit: int, subunits: int = 1) -> MetricSpec:
    return MetricSpec(
        name=name,
        unit=unit,
        measure=measure,
        limit=limit,
        rho_micro=MONTH_RHO_MICRO * _SHARES[name] // 100,
        subunits=subunits,
        min_customers=0 if name == ACTIVE_CUSTOMERS else _MIN_CUSTOMERS,
    )
