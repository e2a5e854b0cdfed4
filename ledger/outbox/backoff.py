"""Back-off: the times at which a call is attempted again, and the limits after which it is given up."""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from ledger.outbox.records import CallId

SCHEDULE: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The pause after each failed attempt, before jitter: 75 hours, 35 minutes and 5 seconds in all (Standard Webhooks)."""

ATTEMPTS_MAX: Final = len(SCHEDULE) + 1
"""Maximum number of attempts before a call is given up."""

AGE_MAX: Final = timedelta(hours=75, minutes=45)
"""Maximum age of a call at its last attempt, whatever jitter and `Retry-After` add to the pauses."""


def pause(call_id: CallId, attempt: int) -> timedelta:
    """Return the pause after an attempt, up to a tenth shorter or longer than scheduled, the same for the same call.

    Calls that failed together, such as those to an endpoint that was down, are not repeated together.
    """
    assert 1 <= attempt < ATTEMPTS_MAX, "a pause lies between two attempts"
    scheduled_ms = SCHEDULE[attempt - 1] // timedelta(milliseconds=1)
    drawn = int.from_bytes(hashlib.sha256(call_id.bytes + attempt.to_bytes(4)).digest()[:8])
    tenth = scheduled_ms // 10
    return timedelta(milliseconds=scheduled_ms - tenth + drawn % (2 * tenth + 1))


def next_attempt_at(
    call_id: CallId, attempt: int, *, begun_at: datetime, now: datetime, retry_after: timedelta | None = None
) -> datetime | None:
    """Return the instant of the next attempt after the `attempt`th failed at `now`, or None if the call is given up.

    A longer pause that the other side asked for replaces the scheduled one. Neither leads past `AGE_MAX`: the last
    attempt is made then, rather than not at all.
    """
    last_at = begun_at + AGE_MAX
    if attempt >= ATTEMPTS_MAX or now >= last_at:
        return None
    return min(now + max(pause(call_id, attempt), retry_after or timedelta()), last_at)
