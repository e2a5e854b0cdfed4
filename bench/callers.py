"""Callers: each sends one transfer, and waits until it is durable before it sends the next."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.results import Outcome, Result
from ledger.book.posting.committer import Committer


class Callers:
    """Concurrent callers as callbacks, without threads: this measures the committer, not switches between callers.

    A caller sends its next order at once, from the thread that answered it. So the callers of a batch share the next
    batch too: 32 callers make batches of 32, which callers on one event loop reach at best.
    """

    def __init__(self, committer: Committer, make: Callable[[], TransferOrder]) -> None:
        self._committer, self._make = committer, make
        self._left = threading.Semaphore(0)
        self._ends_at = 0.0
        self._faults: list[object] = []
        self.latencies_ms: list[float] = []

    def call(self, *, callers: int, seconds: float) -> int:
        """Send transfers for some seconds, and wait for the last answers; return the number of answered calls."""
        before = len(self.latencies_ms)
        self._ends_at = time.perf_counter() + seconds
        for _ in range(callers):
            self._ask()
        for _ in range(callers):
            self._left.acquire()
        assert not self._faults, self._faults[0]
        return len(self.latencies_ms) - before

    def _ask(self) -> None:
        asked_at = time.perf_counter()
        if asked_at >= self._ends_at:
            self._left.release()
            return
        self._committer.submit([self._make()]).add_done_callback(partial(self._answered, asked_at))

    def _answered(self, asked_at: float, answer: Future[list[Outcome]]) -> None:
        """Record the latency and send the next order. Keep an exception for `call`: a callback's would be lost."""
        self.latencies_ms.append((time.perf_counter() - asked_at) * 1000)
        fault = answer.exception() or _not_created(answer.result())
        if fault is None:
            self._ask()
        else:
            self._faults.append(fault)
            self._left.release()


def _not_created(outcomes: list[Outcome]) -> Outcome | None:
    return next((outcome for outcome in outcomes if outcome.result is not Result.CREATED), None)
