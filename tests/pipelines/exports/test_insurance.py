"""Deposit insurance by right and capacity: the published cases, and that no cent is lost between the two parts."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.errors import InvalidInput
from pipelines.exports.insurance import Capacity, Ownership, coverage

_ON = date(2026, 1, 30)
_OWNERSHIPS = st.builds(
    Ownership, st.sampled_from(Capacity), owners=st.integers(1, 9), beneficiaries=st.integers(1, 12)
)
_BALANCES = st.lists(st.integers(-(10**9), 10**12), max_size=8)


@pytest.mark.parametrize(
    ("ownership", "balances", "insured", "uninsured"),
    [
        (Ownership(Capacity.SINGLE), [350_000], 250_000, 100_000),
        (Ownership(Capacity.SINGLE), [250_000], 250_000, 0),
        (Ownership(Capacity.SINGLE), [200_000, 150_000], 250_000, 100_000),
        (Ownership(Capacity.JOINT, owners=2), [700_000], 500_000, 200_000),
        (Ownership(Capacity.TRUST, owners=1, beneficiaries=7), [2_000_000], 1_250_000, 750_000),
        (Ownership(Capacity.TRUST, owners=2, beneficiaries=3), [2_000_000], 1_500_000, 500_000),
        (Ownership(Capacity.EMPLOYEE_BENEFIT_PLAN), [200_000, 300_000], 450_000, 50_000),
        (Ownership(Capacity.BUSINESS), [400_000], 250_000, 150_000),
        (Ownership(Capacity.SINGLE), [-100, 0], 0, 0),
    ],
)
def test_a_published_case_comes_out(ownership: Ownership, balances: list[int], insured: int, uninsured: int) -> None:
    parts = coverage(ownership, [each * 100 for each in balances], _ON)

    assert sum(each.insured_minor for each in parts) == insured * 100
    assert sum(each.uninsured_minor for each in parts) == uninsured * 100


@given(_OWNERSHIPS, _BALANCES)
def test_insured_and_uninsured_are_the_balance(ownership: Ownership, balances: list[int]) -> None:
    parts = coverage(ownership, balances, _ON)

    for part, balance in zip(parts, balances, strict=True):
        assert part.insured_minor + part.uninsured_minor == max(0, balance)
        assert min(part) >= 0


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_two_accounts_of_one_owner_are_insured_as_one(first: int, second: int) -> None:
    apart = coverage(Ownership(Capacity.SINGLE), [first, second], _ON)
    (together,) = coverage(Ownership(Capacity.SINGLE), [first + second], _ON)

    assert sum(each.insured_minor for each in apart) == together.insured_minor


def test_what_no_rule_covers_is_refused() -> None:
    with pytest.raises(InvalidInput, match="other rules before 2024-04-01"):
        coverage(Ownership(Capacity.TRUST), [1], date(2024, 3, 31))
    with pytest.raises(InvalidInput, match="at least one owner"):
        coverage(Ownership(Capacity.JOINT, owners=0), [1], _ON)
