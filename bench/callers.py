"""Callers: so many who each send one transfer, and wait until it is durable before they send the next."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.results import Outcome, Result
from ledger.book.posting.committer import Committer


class Callers:
    """They are callbacks, not threads: what is measured is the committer, not the switching between callers.

    A caller whose answer comes sends its next order at once, from the thread that answered it. So all who shared a
    batch share the next one too: 32 callers make batches of 32, as callers on one event loop do at best.
    """

    def __init__(self, committer: Committer, make: Callable[[], TransferOrder]) -> None:
        self._committer, self._make = committer, make
        self._left = threading.Semaphore(0)
        self._ends_at = 0.0
        self._faults: list[object] = []
        self.latencies_ms: list[float] = []

    def call(self, *, callers: int, seconds: float) -> int:
        """Call for so long, and wait for the last answers; how many calls were answered."""
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
        """Note the latency and go on. A fault is kept for `call`: one that a callback raises is lost."""
        self.latencies_ms.append((time.perf_counter() - asked_at) * 1000)
        fault = answer.exception() or _not_created(answer.result())
        if fault is None:
            self._ask()
        else:
            self._faults.append(fault)
            self._left.release()


def _not_created(outcomes: list[Outcome]) -> Outcome | None:
    return next((outcome for outcome in outcomes if outcome.result is not Result.CREATED), None)
