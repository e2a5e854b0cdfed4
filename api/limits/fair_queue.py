"""The fair queue: requests of one process run a few at a time, in turn over the partners that ask.

It belongs to one event loop, whose callbacks never interrupt each other, so that it needs no lock.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Hashable
from typing import Final, Self

from api.limits.refusals import QueueFull

_RETRY_SECONDS: Final = 1


class FairQueue:
    """At most `at_once` requests run, `at_once_each` of them of one partner; `waiting_each` of one partner wait.

    Those that wait are taken round robin over the partners, the oldest of a partner first.
    """

    def __init__(self, *, at_once: int, at_once_each: int, waiting_each: int) -> None:
        assert 0 < at_once_each <= at_once, (at_once_each, at_once)
        self._at_once, self._at_once_each, self._waiting_each = at_once, at_once_each, waiting_each
        self._running: dict[Hashable, int] = {}
        self._total = 0
        self._waiting: OrderedDict[Hashable, deque[asyncio.Future[None]]] = OrderedDict()

    def turn(self, partner: Hashable) -> "Turn":
        """Return the turn of one request of a partner."""
        return Turn(self, partner)

    def count_running(self) -> int:
        """Return the number of requests that run."""
        return self._total

    def count_waiting(self, partner: Hashable) -> int:
        """Return the number of requests of a partner that wait."""
        return len(self._waiting.get(partner, ()))

    def count_all_waiting(self) -> int:
        """Return the number of requests of all partners that wait."""
        return sum(map(len, self._waiting.values()))

    async def begin(self, partner: Hashable) -> None:
        """Wait until a request of the partner may run. Raises `QueueFull`."""
        if self._may_run(partner):  # those of the partner that wait would run already
            self._start(partner)
            return
        if self.count_waiting(partner) >= self._waiting_each:
            raise QueueFull(
                f"{self._waiting_each} requests of yours are waiting already: send this again when some are answered",
                _RETRY_SECONDS,
            )
        future = self._line(partner)
        await self._wait(partner, future)

    def end(self, partner: Hashable) -> None:
        """End a request that ran, and let others run."""
        self._total -= 1
        self._running[partner] -= 1
        if not self._running[partner]:
            del self._running[partner]
        self._start_waiting()

    def _may_run(self, partner: Hashable) -> bool:
        return self._total < self._at_once and self._has_room(partner)

    def _has_room(self, partner: Hashable) -> bool:
        return self._running.get(partner, 0) < self._at_once_each

    def _start(self, partner: Hashable) -> None:
        self._total += 1
        self._running[partner] = self._running.get(partner, 0) + 1

    def _line(self, partner: Hashable) -> asyncio.Future[None]:
        """Put a request in line, and return what ends when it may run."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line = self._waiting.setdefault(partner, deque())
        line.append(future)
        return future

    async def _wait(self, partner: Hashable, future: asyncio.Future[None]) -> None:
        try:
            await future
        except asyncio.CancelledError:
            if future.cancelled():
                self._forget(partner, future)
            else:  # it was let run in the moment in which it was cancelled
                self.end(partner)
            raise

    def _forget(self, partner: Hashable, future: asyncio.Future[None]) -> None:
        line = self._waiting.get(partner, deque())
        if future in line:
            line.remove(future)
        if not line:
            self._waiting.pop(partner, None)

    def _start_waiting(self) -> None:
        """Let run what may run of those that wait, one of each partner in turn."""
        while (partner := next((each for each in self._waiting if self._may_run(each)), None)) is not None:
            line = self._waiting[partner]
            future = line.popleft()
            self._waiting.move_to_end(partner)
            if not line:
                del self._waiting[partner]
            if not future.done():  # otherwise it was cancelled, and nobody has run since
                self._start(partner)
                future.set_result(None)


class Turn:
    """The turn of one request: `async with` waits for it, and ends it. Raises `QueueFull`."""

    __slots__ = ("_partner", "_queue")

    def __init__(self, queue: FairQueue, partner: Hashable) -> None:
        self._queue, self._partner = queue, partner

    async def __aenter__(self) -> Self:
        await self._queue.begin(self._partner)
        return self

    async def __aexit__(self, *_fault: object) -> None:
        self._queue.end(self._partner)
