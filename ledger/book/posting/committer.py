"""The group committer: gathers concurrent requests of one process into batches, so that they share one commit."""

import logging
import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Final

import sqlalchemy as sa

from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.results import Outcome, Result
from ledger.book.posting.side_facts import SideFacts
from ledger.book.posting.writer import BookWriter
from ledger.journal.fact_orders import FactOrder
from ledger.kernel.errors import Unavailable
from ledger.kernel.ids import BookId
from ledger.kernel.log_context import bound_fields
from ledger.kernel.metrics import DURATIONS, SIZES, Counter, Histogram
from ledger.kernel.tracing import BOOK, FIRST_POSITION, POSITION, TRACING

BATCH_ORDERS_MAX: Final = 8_000

_FACTS_WAIT_SECONDS: Final = timedelta(milliseconds=20).total_seconds()
"""The time that facts without orders wait for orders to share a batch with."""

_SHUTTING_DOWN: Final = "the ledger is shutting down; send the same orders again"

COMMIT_DURATION: Final = Histogram(
    "cofferdam_commit_duration_seconds",
    "Time in which a batch was judged, written and committed, whatever became of it.",
    bounds=DURATIONS,
)
BATCH_ORDERS: Final = Histogram("cofferdam_batch_orders", "Orders of a batch that was committed.", bounds=SIZES)
ORDERS: Final = Counter(
    "cofferdam_orders_total", "Orders of transfers by their result code.", result=[each.value for each in Result]
)

_log: Final = logging.getLogger("cofferdam.committer")


@dataclass(frozen=True, slots=True)
class _Request:
    orders: Sequence[TransferOrder]
    facts: FactOrder | None
    answer: Future[list[Outcome]]
    request_id: object = None
    """The id of the request in the log; None unless batches are logged."""
    span: object | None = None
    """The span of the request, if its trace is sampled."""

    @property
    def size(self) -> int:
        """The number of orders that it adds to a batch, at least one."""
        return max(len(self.orders), 1)

    @property
    def is_facts_alone(self) -> bool:
        """True if it has facts and no orders."""
        return self.facts is not None and not self.orders


class Committer:
    """Posts the orders that threads submit; while one batch is written, the next is gathered. Close it to end it."""

    def __init__(self, engine: sa.Engine, book_id: BookId) -> None:
        self._book_id = book_id
        self._writer = BookWriter(engine, book_id)
        self._waiting: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"committer-{book_id}", daemon=True)
        self._closed = False
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Return whether its thread runs."""
        return self._thread.is_alive()

    def submit(self, orders: Sequence[TransferOrder], facts: FactOrder | None = None) -> Future[list[Outcome]]:
        """Queue the orders of one request; the future holds one outcome each, once they are durable.

        The facts are recorded in the same commit if it created every order, and otherwise not at all. Facts alone wait
        a moment for orders of other requests, so that they do not need a batch of their own.
        """
        answer: Future[list[Outcome]] = Future()
        if self._closed:
            answer.set_exception(Unavailable(_SHUTTING_DOWN))
        else:
            request_id = bound_fields().get("request_id") if _log.isEnabledFor(logging.DEBUG) else None
            self._waiting.put(_Request(orders, facts, answer, request_id, TRACING.current()))
        return answer

    def close(self) -> None:
        """Write the queued requests, then end the thread."""
        self._closed = True
        self._waiting.put(None)
        self._thread.join()
        while not self._waiting.empty():  # submitted between the two lines above, so that no thread would answer
            if (late := self._waiting.get()) is not None:
                late.answer.set_exception(Unavailable(_SHUTTING_DOWN))

    def _run(self) -> None:
        carried: _Request | None = None
        while (first := carried or self._waiting.get()) is not None:
            requests, carried, ended = self._gather(first)
            self._write(requests)
            if ended:
                return

    def _gather(self, first: _Request) -> tuple[list[_Request], _Request | None, bool]:
        """Gather `first` and the requests queued after it, up to the size of a batch; a request is never split."""
        requests, size, deadline = [first], first.size, time.monotonic() + _FACTS_WAIT_SECONDS
        waits = first.is_facts_alone
        while True:
            try:
                following = self._waiting.get(timeout=max(deadline - time.monotonic(), 0) if waits else 0)
            except queue.Empty:
                return requests, None, False
            if following is None:
                return requests, None, True
            if size + following.size > BATCH_ORDERS_MAX or _meet(requests, following):
                return requests, following, False
            requests.append(following)
            size, waits = size + following.size, waits and following.is_facts_alone

    def _write(self, requests: Sequence[_Request]) -> None:
        sides, began_ns = _sides(requests), time.perf_counter_ns()
        try:
            written = self._posted(requests, list(sides.values()))
        except BaseException as fault:  # noqa: BLE001  # the callers wait in other threads: each gets the fault itself
            if len(requests) > 1 and not isinstance(fault, Unavailable):
                # One request makes the store or the judge fail: write each on its own, so that the others succeed.
                for request in requests:
                    self._write([request])
                return
            for request in requests:
                request.answer.set_exception(fault)
            return
        finally:
            COMMIT_DURATION.of().observe(time.perf_counter_ns() - began_ns)
        _count(written)
        if _log.isEnabledFor(logging.DEBUG):
            _log_batch(self._book_id, requests, written)
        outcomes = iter(written)
        for number, request in enumerate(requests):
            if number in sides and (refusal := sides[number].refusal) is not None:
                request.answer.set_exception(refusal)
            else:
                request.answer.set_result(list(islice(outcomes, len(request.orders))))

    def _posted(self, requests: Sequence[_Request], sides: Sequence[SideFacts]) -> list[Outcome]:
        """Post the orders of all requests, in a span that is linked to theirs."""
        links = [request.span for request in requests if request.span is not None]
        with TRACING.span("commit batch", links=links) as span:
            written = self._writer.post(_together(requests), sides)
            seqs = [outcome.seq for outcome in written if outcome.seq is not None] if links else ()
            span.set(BOOK, self._book_id)
            span.set(FIRST_POSITION, min(seqs, default=None))
            span.set(POSITION, max(seqs, default=None))
        return written


def _count(outcomes: Sequence[Outcome]) -> None:
    """Count the orders of a batch by their results, of which there are few kinds in each."""
    BATCH_ORDERS.of().observe(len(outcomes))
    results = [outcome.result for outcome in outcomes]
    while results:
        first = results[0]
        ORDERS.of(first).add(results.count(first))
        results = [each for each in results if each is not first]


def _log_batch(book_id: BookId, requests: Sequence[_Request], outcomes: Sequence[Outcome]) -> None:
    """Say which requests a batch carried; of a resend the position is the one of then."""
    fields = {
        "book": book_id,
        "position": max((outcome.seq for outcome in outcomes if outcome.seq is not None), default=None),
        "orders": len(outcomes),
        "request_ids": [request.request_id for request in requests if request.request_id is not None],
    }
    _log.debug("batch written", extra=fields)


def _together(requests: Sequence[_Request]) -> Sequence[TransferOrder]:
    """Return the orders of all requests; a single request's orders are returned as they are, to keep columns."""
    if len(requests) == 1:
        return requests[0].orders
    return [order for request in requests for order in request.orders]


def _meet(requests: Sequence[_Request], following: _Request) -> bool:
    """Return whether another request has facts about the same subject."""
    if following.facts is None or following.facts.about is None:
        return False
    return any(request.facts is not None and request.facts.about == following.facts.about for request in requests)


def _sides(requests: Sequence[_Request]) -> dict[int, SideFacts]:
    """Return the side facts by request number, each with the slice of its orders in the batch."""
    sides, start = {}, 0
    for number, request in enumerate(requests):
        end = start + len(request.orders)
        if request.facts is not None:
            sides[number] = SideFacts(request.facts, slice(start, end))
        start = end
    return sides
