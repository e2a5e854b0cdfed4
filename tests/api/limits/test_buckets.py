"""A partner spends its own points, and gets them back with time."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.limits.buckets import Allowance, Buckets, Charge
from api.limits.headers import cost_extension, rate_limit_headers
from api.limits.refusals import CostTooHigh, RateLimited
from ledger.kernel.errors import InvalidInput
from ledger.kernel.settings import Settings

A, B = UUID(int=1), UUID(int=2)
ALLOWANCE = Allowance(ceiling=100, capacity=300, restored_per_second=10)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_request_is_taken_from_its_partners_points_alone():
    buckets = Buckets(ALLOWANCE, Clock())

    assert buckets.take(A, 100) == Charge(100, 200)
    assert buckets.take(A, 100) == Charge(100, 100)
    assert buckets.take(B, 1) == Charge(1, 299)


def test_points_come_back_with_time_and_never_exceed_the_capacity():
    clock = Clock()
    buckets = Buckets(ALLOWANCE, clock)
    buckets.take(A, 100)

    clock.now += 3
    assert buckets.take(A, 0) == Charge(0, 230)
    clock.now += 1_000_000
    assert buckets.take(A, 0) == Charge(0, 300)


def test_a_request_beyond_the_ceiling_is_never_taken_and_does_not_say_when_to_come_back():
    buckets = Buckets(ALLOWANCE, Clock())

    with pytest.raises(CostTooHigh, match="at most 100") as refused:
        buckets.take(A, 101)

    assert refused.value.headers == {}
    assert buckets.take(A, 0).available == 300


@given(spent=st.lists(st.integers(0, 150)), cost=st.integers(0, 100), elapsed=st.floats(0, 60))
def test_after_the_announced_wait_the_same_request_succeeds(spent, cost, elapsed):
    clock = Clock()
    buckets = Buckets(ALLOWANCE, clock)
    for each in spent:
        buckets.charge(A, each)
    clock.now += elapsed
    try:
        buckets.take(A, cost)
    except RateLimited as refused:
        wait = int(refused.headers["Retry-After"])
        clock.now += wait
        buckets.take(A, cost)
        assert 1 <= wait <= 11 * ALLOWANCE.capacity / ALLOWANCE.restored_per_second


def test_what_is_charged_afterwards_may_become_a_debt_that_is_bounded():
    clock = Clock()
    buckets = Buckets(ALLOWANCE, clock)
    for _ in range(100):
        buckets.charge(A, 100)
    assert buckets.take(B, 1).available == 299

    with pytest.raises(RateLimited) as refused:
        buckets.take(A, 1)

    assert refused.value.retry_after == 301


def test_a_bucket_is_kept_while_it_is_not_full():
    clock = Clock()
    buckets = Buckets(ALLOWANCE, clock)
    for number in range(10, 1_010):
        buckets.take(UUID(int=number), 1)
    assert len(buckets) == 1_000

    for _ in range(1_500):
        clock.now += 1
        buckets.take(A, 1)

    assert len(buckets) == 1


def test_no_number_of_partners_takes_more_memory_than_that_of_ten_thousand():
    buckets = Buckets(ALLOWANCE, Clock())

    for number in range(10_500):
        buckets.take(UUID(int=number), 1)

    assert len(buckets) == 10_000


def test_processes_share_what_one_would_have_and_each_can_take_the_largest_request():
    assert Allowance(100, 1_000, 500).shared(4) == Allowance(100, 250, 125)
    assert Allowance(100, 300, 10).shared(64) == Allowance(100, 100, 1)


def test_the_headers_are_those_of_the_draft_and_the_extension_says_the_same():
    assert rate_limit_headers(ALLOWANCE, 215) == {
        "RateLimit-Policy": '"points";q=300;w=30',
        "RateLimit": '"points";r=215;t=9',
    }
    assert cost_extension(ALLOWANCE, Charge(85, 215)) == {
        "requested": 85,
        "ceiling": 100,
        "available": 215,
        "restoredPerSecond": 10,
    }


def test_the_operator_sets_the_rate_and_three_seconds_of_it_can_be_saved_up():
    settings = Settings.from_env({"COFFERDAM_POINTS_PER_SECOND": "250000"})

    assert Allowance.restoring(settings.points_per_second) == Allowance(15_000, 750_000, 250_000)
    assert Allowance.restoring(Settings.from_env({}).points_per_second) == Allowance()
    assert Allowance.restoring(1) == Allowance(15_000, 15_000, 1)


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5"])
def test_a_rate_that_is_no_number_is_refused_at_the_start(text):
    with pytest.raises(InvalidInput, match=r"COFFERDAM_POINTS_PER_SECOND is .*; write a whole number above 0"):
        Settings.from_env({"COFFERDAM_POINTS_PER_SECOND": text})
