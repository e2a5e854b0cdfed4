"""Laws of back-off: pauses near the schedule, the same for the same call, and an end by a stated rule."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ledger.kernel.ids import derived_id
from ledger.outbox.backoff import AGE_MAX, ATTEMPTS_MAX, SCHEDULE, next_attempt_at, pause

CALLS = st.uuids().map(lambda value: UUID(int=value.int))
ATTEMPTS = st.integers(1, ATTEMPTS_MAX - 1)
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_schedule_lasts_75_hours_and_ends_before_the_greatest_age():
    assert timedelta(hours=75) <= sum(SCHEDULE, timedelta()) <= AGE_MAX < timedelta(hours=76)


@given(call=CALLS, attempt=ATTEMPTS)
def test_a_pause_is_within_a_tenth_of_the_schedule_and_the_same_each_time(call, attempt):
    scheduled = SCHEDULE[attempt - 1]

    assert scheduled * 0.9 <= pause(call, attempt) <= scheduled * 1.1
    assert pause(call, attempt) == pause(call, attempt)


def test_calls_that_failed_together_spread_over_the_whole_jitter():
    scheduled = SCHEDULE[7]
    shares = [(pause(derived_id("call", n), 8) - scheduled * 0.9) / (scheduled * 0.2) for n in range(1_000)]
    tenths = [sum(tenth / 10 <= share < (tenth + 1) / 10 for share in shares) for tenth in range(10)]

    assert 0.45 < sum(shares) / len(shares) < 0.55
    assert min(tenths) > 60


@given(call=CALLS, asked=st.lists(st.none() | st.timedeltas(timedelta(), timedelta(days=9)), min_size=10, max_size=10))
def test_a_call_that_always_fails_is_given_up_within_the_attempts_and_the_age(call, asked):
    now, attempt = BEGUN, 1
    while (due := next_attempt_at(call, attempt, begun_at=BEGUN, now=now, retry_after=asked[attempt - 1])) is not None:
        assert now < due <= BEGUN + AGE_MAX
        now, attempt = due, attempt + 1

    assert attempt <= ATTEMPTS_MAX
    assert now == BEGUN + AGE_MAX or attempt == ATTEMPTS_MAX


@given(call=CALLS, attempt=ATTEMPTS, asked=st.timedeltas(timedelta(), timedelta(hours=12)))
def test_no_attempt_is_made_before_the_other_side_asked_for_it(call, attempt, asked):
    due = next_attempt_at(call, attempt, begun_at=BEGUN, now=BEGUN, retry_after=asked)

    assert due == BEGUN + max(asked, pause(call, attempt))
