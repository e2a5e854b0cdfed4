"""Guessing keys is slow for an address, and harms no other."""

import pytest

from api.limits.failed_keys import FailedKeys, TooManyFailedKeys
from tests.api.limits.test_buckets import Clock


def test_an_address_may_fail_twenty_times_and_then_once_in_three_seconds():
    clock = Clock()
    failed = FailedKeys(clock)
    for _ in range(20):
        failed.require("192.0.2.1")
        failed.add("192.0.2.1")

    with pytest.raises(TooManyFailedKeys) as refused:
        failed.require("192.0.2.1")
    clock.now += refused.value.retry_after
    failed.require("192.0.2.1")
    failed.add("192.0.2.1")

    assert refused.value.headers == {"Retry-After": "3"}
    with pytest.raises(TooManyFailedKeys):
        failed.require("192.0.2.1")
    assert failed.total == 21


def test_other_addresses_are_not_touched():
    failed = FailedKeys(Clock())
    for _ in range(30):
        failed.add("192.0.2.1")

    failed.require("192.0.2.2")
    failed.require(None)


@pytest.mark.parametrize(
    ("one", "other"),
    [("2001:db8::1", "2001:db8::ffff"), ("192.0.2.1", "::ffff:192.0.2.1"), (None, "")],
)
def test_addresses_of_one_caller_count_together(one, other):
    failed = FailedKeys(Clock())
    for _ in range(20):
        failed.add(one)

    with pytest.raises(TooManyFailedKeys):
        failed.require(other)


def test_no_number_of_addresses_takes_more_memory_than_that_of_ten_thousand():
    failed = FailedKeys(Clock())

    for number in range(10_500):
        failed.add(f"10.0.{number // 256}.{number % 256}")

    assert len(failed) == 10_000
    assert failed.total == 10_500
