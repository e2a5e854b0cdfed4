"""Back-off: the times at which a call is attempted again, and the limits after which it is given up."""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from ledger.outbox.records import CallId

ATTEMPTS_MAX: Final = 15
"""Maximum number of attempts before a call is given up."""

AGE_MAX: Final = timedelta(days=3)
"""Maximum age of a call before it is given up."""

_FIRST: Final = timedelta(seconds=5)
_LONGEST: Final = timedelta(hours=6)
_DOUBLINGS_MAX: Final = 20


def ceiling(attempt: int) -> timedelta:
    """Return the longest pause after at least one attempt: doubled each time, up to six hours."""
    assert attempt >= 1, "a pause follows an attempt"
    return min(_FIRST * (1 << min(attempt - 1, _DOUBLINGS_MAX)), _LONGEST)


def pause(call_id: CallId, attempt: int) -> timedelta:
    """Return a pause up to the ceiling, evenly spread over calls ("full jitter"), and the same for the same call.

    Calls that failed together, such as those to an endpoint that was down, are not repeated together.
    """
    longest_ms = ceiling(attempt) // timedelta(milliseconds=1)
    drawn = int.from_bytes(hashlib.sha256(call_id.bytes + attempt.to_bytes(4)).digest()[:8])
    return timedelta(milliseconds=drawn % (longest_ms + 1))


def next_attempt_at(call_id: CallId, attempt: int, *, begun_at: datetime, now: datetime) -> datetime | None:
    """Return the instant of the next attempt after the `attempt`th failed at `now`, or None if the call is given up."""
    due_at = now + pause(call_id, attempt)
    return None if attempt >= ATTEMPTS_MAX or due_at - begun_at > AGE_MAX else due_at
