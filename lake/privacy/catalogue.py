"""The catalogue: the metrics that are released about all partners together, fixed before any data are read."""

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from lake.privacy.limits import volume_limit_minor
from ledger.tenancy.records import Vertical

MONTH_RHO_MICRO: Final = 22_190
"""The privacy loss of all metrics of one month, per person: rho in millionths, a twelfth of the yearly cap."""

ACTIVE_CUSTOMERS: Final = "active_customers"
"""The first metric released for a month: the others are shown only if it counts enough customers."""

_MIN_CUSTOMERS: Final = 50
_SHARES: Final = {ACTIVE_CUSTOMERS: 15, "transaction_count": 25, "transaction_volume": 60}


class Measure(StrEnum):
    """The quantity that is summed for each person and vertical."""

    PERSONS = "persons"
    PAYMENTS = "payments"
    MINOR_UNITS = "minor_units"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSpec:
    """One metric, all of it public: nothing here was chosen by looking at data.

    `limit` is the largest L2 norm of one person's vector over the verticals, in units; `rho_micro` is the cost of one
    month in millionths; a unit has `subunits` parts, so that a clipped person need not vanish. A cell is shown if the
    vertical has `min_partners` and, by the month's released `active_customers`, `min_customers`: that figure is already
    paid for and noisy, so that using it costs nothing more.
    """

    name: str
    unit: str
    measure: Measure
    limit: int
    rho_micro: int
    subunits: int = 1
    counts: str = "transfers booked in the month from a customer account to a merchant account, in the book's currency"
    belongs_to: str = "the person_id of who owns the debited account, in the vertical of that account's partner"
    mechanism: str = "vector clipped to the limit in L2 with integer floor, discrete Gaussian noise, zCDP"
    domain: tuple[str, ...] = tuple(Vertical)
    min_partners: int = 5
    min_customers: int = 0


def metric_specs(currency: str) -> tuple[MetricSpec, ...]:
    """Return the metrics of a book that reports in `currency`, in the order of their release.

    Limits bound one person's payments in a month: 60 payments and a round amount of money, which is 5,000 USD or an
    amount of that magnitude in another currency, each as an L2 norm over the verticals. Raises `UnknownCurrency`.
    """
    volume = volume_limit_minor(currency)
    return (
        _spec(ACTIVE_CUSTOMERS, "customers", Measure.PERSONS, limit=2, subunits=1_000),
        _spec("transaction_count", "transactions", Measure.PAYMENTS, limit=60),
        _spec("transaction_volume", currency, Measure.MINOR_UNITS, limit=volume),
    )


def spec_hash(spec: MetricSpec) -> bytes:
    """Return the SHA-256 of the spec as canonical JSON: sorted keys, no blanks, ASCII; it changes with the meaning."""
    text = json.dumps(asdict(spec), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).digest()


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
