"""Deposit insurance by right and capacity (12 CFR 330), as 12 CFR 370 has it computed: insured and uninsured parts."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from ledger.kernel.errors import InvalidInput
from ledger.kernel.money import Money
from pipelines.exports.thresholds import Threshold, threshold_on

CURRENCY: Final = "USD"

LIMITS: Final = (Threshold(date(2008, 10, 3), 25_000_000, "12 U.S.C. 1821(a)(1)(E)"),)
"""The standard maximum deposit insurance amount per depositor, bank and capacity: 250,000.00 US dollars."""

BENEFICIARIES_MAX: Final = (Threshold(date(2024, 4, 1), 5, "12 CFR 330.10, as amended by 87 FR 4455"),)
"""The number of beneficiaries of a trust that count, for each grantor."""


class Capacity(StrEnum):
    """The right and capacity in which a deposit is owned, by its code in 12 CFR 370, appendix A."""

    SINGLE = "SGL"
    JOINT = "JNT"
    TRUST = "TST"
    BUSINESS = "BUS"
    GOVERNMENT = "GOV1"
    EMPLOYEE_BENEFIT_PLAN = "EBP"
    RETIREMENT = "CRA"


class Ownership(NamedTuple):
    """The capacity of a deposit, with the number of its owners (or grantors) and of the beneficiaries of a trust."""

    capacity: Capacity
    owners: int = 1
    beneficiaries: int = 1


class Coverage(NamedTuple):
    """The insured and the uninsured part of a balance, in minor units; together they are the balance."""

    insured_minor: int
    uninsured_minor: int


def coverage(ownership: Ownership, balances_minor: Sequence[int], on: date) -> list[Coverage]:
    """Return the coverage of each balance that one depositor has in one capacity at a bank.

    The balances are insured together: up to the limit per owner of a joint account, per grantor and beneficiary of a
    trust, per participant of an employee benefit plan (there each balance is a participant's interest), and per
    depositor otherwise. The insured part is shared over the balances in their proportion, by the largest remainder. A
    balance below zero is no deposit. Raises `InvalidInput` for ownership that no rule covers.
    """
    limit = threshold_on(LIMITS, on).amount_minor
    deposits = [max(0, each) for each in balances_minor]
    if ownership.owners < 1 or ownership.beneficiaries < 1:
        raise InvalidInput("a deposit has at least one owner, and a trust at least one beneficiary")
    if ownership.capacity is Capacity.EMPLOYEE_BENEFIT_PLAN:
        insured = [min(each, limit) for each in deposits]
    else:
        total = sum(deposits)
        covered = min(total, limit * _units(ownership, on))
        shares = Money(covered, CURRENCY).split(deposits) if total else ()
        insured = [share.minor for share in shares] or [0] * len(deposits)
    parts = [Coverage(part, deposit - part) for part, deposit in zip(insured, deposits, strict=True)]
    assert all(part.uninsured_minor >= 0 for part in parts), "no more is insured than was deposited"
    return parts


def _units(ownership: Ownership, on: date) -> int:
    """Return how often the limit applies."""
    if ownership.capacity is Capacity.JOINT:
        return ownership.owners
    if ownership.capacity is Capacity.TRUST:
        counted = [each.amount_minor for each in BENEFICIARIES_MAX if each.from_on <= on]
        if not counted:
            raise InvalidInput(f"trusts are insured by other rules before {BENEFICIARIES_MAX[0].from_on}")
        return ownership.owners * min(ownership.beneficiaries, counted[-1])
    return 1
