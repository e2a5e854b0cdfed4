"""Deliveries of webhooks: one event loop that makes the calls that are due, so that no endpoint delays another."""

import asyncio
import threading
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final, NamedTuple, TypeVar

import uvloop

from api.errors import note
from api.outbound_calls import OutgoingCall, Transport
from ledger.flows.deliveries import Delivery, Outbox, claim_deliveries, record_attempts, release_deliveries
from ledger.kernel.errors import Unavailable
from ledger.kernel.faults import STORE_FAULTS, told
from ledger.kernel.ids import BookId
from ledger.kernel.metrics import DURATIONS, Histogram
from ledger.kernel.metrics import Counter as CounterMetric
from ledger.outbox.calls import Answer, Attempt
from ledger.outbox.claims import CONCURRENCY, CONCURRENCY_SLOW
from ledger.outbox.records import CallFault, CallId, EndpointId, EndpointState

HELD_MAX: Final = 10_000
"""Maximum number of calls of a book that a process has claimed and not yet ended."""

_RETRY_SECONDS: Final = 0.5
_GRACE_SECONDS: Final = 2
"""The time to wait for running calls on closing; a longer call is repeated by the next process."""

OUTBOX_CALLS: Final = CounterMetric(
    "cofferdam_outbox_calls_total",
    "Attempts of calls to partners' endpoints by their outcome.",
    outcome=("received", *(each.value for each in CallFault)),
)
WEBHOOK_DELAY: Final = Histogram(
    "cofferdam_webhook_delay_seconds",
    "Time from the recording of an event, or its replay, until its endpoint received it at the first attempt.",
    bounds=DURATIONS,
)

_T = TypeVar("_T")


class Deliveries:
    """Makes the calls of a server that are due, in a thread of its own, until it is closed.

    Any number of processes may run it on one server: a claimed call is not visible to the others.
    """

    def __init__(self, outbox: Outbox, *, calls_private: bool = False) -> None:
        self._outbox: Final = outbox
        self._transport: Final = Transport(calls_private=calls_private)
        self._books: Final[dict[BookId, _Book]] = {}
        self._loop: Final = uvloop.new_event_loop()
        self._thread: Final = threading.Thread(target=self._run, name="deliveries", daemon=True)
        self._ended: Final = asyncio.Event()

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self, book_id: BookId) -> None:
        """Look for due calls of a book; from any thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._wake, book_id)

    def close(self) -> None:
        """Start no more calls, and wait a moment for the running ones."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        with ThreadPoolExecutor(thread_name_prefix="outbox") as threads:
            self._threads = threads
            async with self._transport:
                await self._ended.wait()
                await asyncio.gather(*(each.close() for each in self._books.values()))

    def _wake(self, book_id: BookId) -> None:
        if self._ended.is_set():
            return
        if book_id not in self._books:
            self._books[book_id] = _Book(self._outbox, book_id, self._transport.send, self._threads)
        self._books[book_id].woken.set()


class _Book:
    """The deliveries of one book: claims calls, has each endpoint's made beside one another, and records outcomes."""

    def __init__(
        self,
        outbox: Outbox,
        book_id: BookId,
        send: Callable[[OutgoingCall], Awaitable[Answer]],
        threads: ThreadPoolExecutor,
    ) -> None:
        self.outbox, self.send = outbox, send
        self.woken, self._has_ended = asyncio.Event(), asyncio.Event()
        self._book_id, self._threads = book_id, threads
        self._held: Counter[EndpointId] = Counter()
        self._slow: set[EndpointId] = set()
        self._endpoints: dict[EndpointId, _EndpointQueue] = {}
        self._made: list[tuple[Delivery, Attempt]] = []
        self._released: list[Delivery] = []
        self._is_closed = False
        self._tasks = [asyncio.create_task(each()) for each in (self._claim, self._record)]

    async def close(self) -> None:
        """Start no more calls, and record what became of those that end within a moment."""
        self._is_closed = True
        running = [task for each in self._endpoints.values() for task in each.close()]
        if running:
            _, late = await asyncio.wait(running, timeout=_GRACE_SECONDS)
            for each in late:
                each.cancel()
        self.woken.set()
        self._has_ended.set()
        await asyncio.gather(*self._tasks)

    def ended(self, delivery: Delivery, answer: Answer) -> None:
        """Keep the outcome of an attempt, to be recorded with those that end at about the same time."""
        OUTBOX_CALLS.of(answer.fault or "received").add()
        now = self.outbox.clock()
        endpoint_id = delivery.endpoint.endpoint_id
        if answer.status == HTTPStatus.GONE:
            self._endpoints[endpoint_id].close()  # the others are claimed again, when it is known to be retired
        if answer.fault is CallFault.TIMEOUT:
            self._slow.add(endpoint_id)
        elif answer.status is not None:
            self._slow.discard(endpoint_id)
        if answer.fault is None and not delivery.call.attempt:
            WEBHOOK_DELAY.of().observe(max((now - delivery.call.begun_at) // timedelta(microseconds=1), 0) * 1000)
        self._made.append((delivery, Attempt(delivery.call, answer, now)))
        self._has_ended.set()

    def released(self, delivery: Delivery) -> None:
        """Give a call back that is not made now."""
        self._released.append(delivery)
        self._has_ended.set()

    def concurrency(self, delivery: Delivery) -> int:
        """Return how many calls are made to an endpoint at a time."""
        allowed = delivery.endpoint.concurrency or CONCURRENCY
        return min(allowed, CONCURRENCY_SLOW) if delivery.endpoint.endpoint_id in self._slow else allowed

    async def _claim(self) -> None:
        while not self._is_closed:
            await self.woken.wait()
            self.woken.clear()
            while not self._is_closed and self._held.total() < HELD_MAX:
                held, slow = Counter(self._held), frozenset(self._slow)
                found = await self._step("claiming calls", claim_deliveries, self.outbox, self._book_id, held, slow)
                if not found:
                    break
                self._take(found)

    def _take(self, found: Sequence[Delivery]) -> None:
        by_endpoint: dict[EndpointId, list[Delivery]] = {}
        for each in found:
            by_endpoint.setdefault(each.endpoint.endpoint_id, []).append(each)
        for endpoint_id, deliveries in by_endpoint.items():
            self._held[endpoint_id] += len(deliveries)
            self._endpoints.setdefault(endpoint_id, _EndpointQueue(self)).put(deliveries)

    async def _record(self) -> None:
        while not self._is_closed or self._made or self._released:
            await self._has_ended.wait()
            self._has_ended.clear()
            made, self._made = self._made, []
            released, self._released = self._released, []
            if made:
                while await self._step("recording calls", record_attempts, self.outbox, self._book_id, made) is None:
                    if self._is_closed:
                        return
                    await asyncio.sleep(_RETRY_SECONDS)
            if released:
                await self._step("releasing calls", release_deliveries, self.outbox, self._book_id, released)
            self._held.subtract(each.endpoint.endpoint_id for each in (*(call for call, _ in made), *released))
            self._held += Counter()
            self._endpoints = {name: each for name, each in self._endpoints.items() if not each.is_idle}
            self.woken.set()

    async def _step(self, what: str, do: Callable[..., _T], *given: Any) -> _T | None:
        """Do something with the store in a thread. Returns None if it failed; a bug is logged."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, do, *given)
        except Exception as fault:  # noqa: BLE001  # the edge: a bug becomes a line in the log
            if not _is_passing(fault):
                note(fault, f"{what} of book {self._book_id}")
            await asyncio.sleep(_RETRY_SECONDS)
            return None


class _Queued(NamedTuple):
    """A claimed call in its endpoint's queue: whether it was received, and whether those before it were."""

    delivery: Delivery
    received: asyncio.Future[bool]
    before: Sequence[asyncio.Future[bool]]


class _EndpointQueue:
    """The claimed calls of one endpoint, made in their order, as many at a time as it takes."""

    def __init__(self, book: _Book) -> None:
        self._book = book
        self._waiting: deque[_Queued] = deque()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_idle(self) -> bool:
        """Return whether it has nothing to do."""
        return not self._tasks and not self._waiting

    def put(self, deliveries: Sequence[Delivery]) -> None:
        """Make calls that were claimed together, after those that wait already."""
        loop, received = asyncio.get_running_loop(), dict[CallId, asyncio.Future[bool]]()
        for each in deliveries:
            before = [received[name] for name in each.after if name in received]
            received[each.call.call_id] = loop.create_future()
            self._waiting.append(_Queued(each, received[each.call.call_id], before))
        wanted = min(self._book.concurrency(deliveries[0]), len(self._waiting)) - len(self._tasks)
        for _ in range(wanted):
            task = asyncio.create_task(self._work())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def close(self) -> Sequence[asyncio.Task[None]]:
        """Give back the calls that wait, and return the tasks that are making one."""
        while self._waiting:
            self._book.released(self._waiting.popleft().delivery)
        return list(self._tasks)

    async def _work(self) -> None:
        while self._waiting:
            queued = self._waiting.popleft()
            answer = await self._made(queued)
            queued.received.set_result(answer is not None and answer.fault is None)
            if answer is None:
                self._book.released(queued.delivery)
            else:
                self._book.ended(queued.delivery, answer)
            if len(self._tasks) > self._book.concurrency(queued.delivery):
                return

    async def _made(self, queued: _Queued) -> Answer | None:
        """Make a call; return None if it may not be made now: its claim is over, or one before it was not received."""
        if queued.before and not all(await asyncio.gather(*queued.before)):
            return None
        delivery, now = queued.delivery, self._book.outbox.clock()
        if delivery.is_claim_over(now):
            return None
        if delivery.endpoint.state is EndpointState.RETIRED:
            return Answer(None, CallFault.ENDPOINT_RETIRED)
        return await self._book.send(OutgoingCall(delivery.endpoint.address, delivery.headers(now), delivery.body))


def _is_passing(fault: Exception) -> bool:
    """Return whether the store is unavailable, so that the same step can be done in a moment."""
    return isinstance(told(fault, "") if isinstance(fault, STORE_FAULTS) else fault, Unavailable)
