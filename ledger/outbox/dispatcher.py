"""The dispatcher: makes the calls that are due in parallel, so that no endpoint delays another."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.ids import BookId
from ledger.kernel.work import begin
from ledger.outbox.calls import OUTBOX
from ledger.outbox.records import EndpointId, WaitingCall
from ledger.outbox.waiting_calls import claim_due

CALLS_PER_ENDPOINT: Final = 2
"""Maximum number of concurrent calls from one process to one endpoint."""

CALLS_MAX: Final = 200
"""Maximum number of concurrent calls of a process: others wait only if a hundred endpoints hang at the same time."""

_GRACE: Final = timedelta(seconds=2)
"""The time to wait for running calls on closing; a longer call is repeated by the next process."""


class Dispatcher:
    """Claims calls that are due and makes each in a thread; `attempt` makes one in bounded time, and does not raise.

    Any number of dispatchers may run on one server: a claimed call is not visible to the others.
    """

    def __init__(
        self, engine: sa.Engine, attempt: Callable[[WaitingCall], None], *, clock: Clock = system_clock
    ) -> None:
        self._engine, self._attempt, self._clock = engine, attempt, clock
        self._under_way: Counter[EndpointId] = Counter()
        self._changed = threading.Condition()
        self._is_closed = False

    def dispatch(self, book_id: BookId, until: datetime) -> None:
        """Start the due calls of a book that may start now; the others are still due at the next check."""
        while (call := self._claimed(book_id, until)) is not None:
            threading.Thread(target=self._make, args=(call,), name=f"call-{call.call_id}", daemon=True).start()

    def close(self) -> None:
        """Start no more calls, and wait a moment for the running ones."""
        with self._changed:
            self._is_closed = True
            self._changed.wait_for(lambda: not self._under_way.total(), _GRACE.total_seconds())

    def _claimed(self, book_id: BookId, until: datetime) -> WaitingCall | None:
        """Claim a call to an endpoint with free capacity, and count it."""
        with self._changed:
            if self._is_closed or self._under_way.total() >= CALLS_MAX:
                return None
            busy = [endpoint for endpoint, count in self._under_way.items() if count >= CALLS_PER_ENDPOINT]
            with begin(self._engine, actor=OUTBOX, clock=self._clock) as work:
                call = claim_due(work, book_id, until, busy=busy)
            if call is not None:
                self._under_way[call.endpoint_id] += 1
            return call

    def _make(self, call: WaitingCall) -> None:
        try:
            self._attempt(call)
        finally:
            with self._changed:
                self._under_way[call.endpoint_id] -= 1
                self._under_way += Counter()  # drops endpoints without running calls
                self._changed.notify_all()
