"""The catalogue: what is released about all partners together, fixed before any data are read."""

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from ledger.kernel.currencies import exponent
from ledger.records.partners import Vertical

MONTH_RHO_MICRO: Final = 22_190
"""What the metrics of one month may spend together, per person: rho in millionths, a twelfth of the yearly cap."""

_SHARES: Final = {"active_customers": 15, "transaction_count": 25, "transaction_volume": 60}
_VOLUME_LIMITS: Final = {"CZK": 100_000, "HUF": 1_500_000, "INR": 250_000, "JPY": 600_000, "KRW": 6_000_000}
_VOLUME_LIMIT: Final = 5_000


class Measure(StrEnum):
    """What is added up for each person and vertical."""

    PERSONS = "persons"
    PAYMENTS = "payments"
    MINOR_UNITS = "minor_units"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSpec:
    """One metric, all of it public: nothing here was chosen by looking at data.

    `limit` is the largest L2 norm of one person's vector over the verticals, in units; `rho_micro` what one month
    costs, in millionths; a unit is counted in `subunits` parts, so that a clipped person need not vanish.
    """

    name: str
    unit: str
    measure: Measure
    limit: int
    rho_micro: int
    subunits: int = 1
    counts: str = "transfers booked in the month from a customer account to a merchant account, in the book's currency"
    belongs_to: str = "the person who owns the debited account, in the vertical of that account's partner"
    mechanism: str = "vector clipped to the limit in L2 with integer floor, discrete Gaussian noise, zCDP"
    domain: tuple[str, ...] = tuple(Vertical)
    min_partners: int = 5


def metric_specs(currency: str) -> tuple[MetricSpec, ...]:
    """The metrics of a book that reports in `currency`, in the order of their release.

    Limits bound what one person does in a month: 60 payments and 5,000 whole units of money (other round amounts for
    currencies of small units), each as an L2 norm over the verticals. Raises `UnknownCurrency`.
    """
    volume = _VOLUME_LIMITS.get(currency, _VOLUME_LIMIT) * 10 ** exponent(currency)
    return (
        _spec("active_customers", "customers", Measure.PERSONS, limit=2, subunits=1_000),
        _spec("transaction_count", "transactions", Measure.PAYMENTS, limit=60),
        _spec("transaction_volume", currency, Measure.MINOR_UNITS, limit=volume),
    )


def spec_hash(spec: MetricSpec) -> bytes:
    """SHA-256 of the spec as canonical JSON: keys sorted, no blanks, ASCII; any change of meaning changes it."""
    text = json.dumps(asdict(spec), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).digest()


def _spec(name: str, unit: str, measure: Measure, *, limit: int, subunits: int = 1) -> MetricSpec:
    rho_micro = MONTH_RHO_MICRO * _SHARES[name] // 100
    return MetricSpec(name=name, unit=unit, measure=measure, limit=limit, rho_micro=rho_micro, subunits=subunits)
