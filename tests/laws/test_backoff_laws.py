"""Laws of back-off: bounded pauses with full jitter, the same for the same call, and an end by a stated rule."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.ids import derived_id
from ledger.outbox.backoff import AGE_MAX, ATTEMPTS_MAX, ceiling, next_attempt_at, pause

CALLS = st.uuids().map(lambda value: UUID(int=value.int))
ATTEMPTS = st.integers(1, 200)
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


@given(call=CALLS, attempt=ATTEMPTS)
def test_a_pause_lies_between_zero_and_its_ceiling_and_is_the_same_each_time(call, attempt):
    assert timedelta() <= pause(call, attempt) <= ceiling(attempt)
    assert pause(call, attempt) == pause(call, attempt)


@given(attempt=ATTEMPTS)
def test_ceilings_double_up_to_the_longest(attempt):
    assert ceiling(attempt + 1) in (2 * ceiling(attempt), timedelta(hours=6))


def test_calls_that_failed_together_spread_over_the_whole_pause():
    shares = [pause(derived_id("call", n), 8) / ceiling(8) for n in range(1_000)]
    tenths = [sum(tenth / 10 <= share < (tenth + 1) / 10 for share in shares) for tenth in range(10)]

    assert 0.45 < sum(shares) / len(shares) < 0.55
    assert min(tenths) > 60


@given(call=CALLS)
def test_a_call_that_always_fails_is_given_up_within_the_attempts_and_the_age(call):
    now, attempt = BEGUN, 1
    while (due := next_attempt_at(call, attempt, begun_at=BEGUN, now=now)) is not None:
        assert now <= due <= BEGUN + AGE_MAX
        now, attempt = due, attempt + 1

    assert attempt <= ATTEMPTS_MAX
