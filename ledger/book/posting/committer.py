"""The group committer: gathers concurrent requests of one process into batches, so that they share one commit."""

import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import islice
from typing import Final

import sqlalchemy as sa

from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.results import Outcome
from ledger.book.posting.writer import BookWriter
from ledger.kernel.errors import Unavailable
from ledger.kernel.ids import BookId

BATCH_ORDERS_MAX: Final = 8_000

_SHUTTING_DOWN: Final = "the ledger is shutting down; send the same orders again"


@dataclass(frozen=True, slots=True)
class _Request:
    orders: Sequence[TransferOrder]
    answer: Future[list[Outcome]]


class Committer:
    """Posts what many threads submit: while one batch is written, the next one gathers. Close it to end its thread."""

    def __init__(self, engine: sa.Engine, book_id: BookId) -> None:
        self._writer = BookWriter(engine, book_id)
        self._waiting: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"committer-{book_id}", daemon=True)
        self._closed = False
        self._thread.start()

    def submit(self, orders: Sequence[TransferOrder]) -> Future[list[Outcome]]:
        """Queue the orders of one request; the future holds one outcome each, once they are durable."""
        answer: Future[list[Outcome]] = Future()
        if self._closed:
            answer.set_exception(Unavailable(_SHUTTING_DOWN))
        else:
            self._waiting.put(_Request(orders, answer))
        return answer

    def close(self) -> None:
        """Write what is queued, then end."""
        self._closed = True
        self._waiting.put(None)
        self._thread.join()
        while not self._waiting.empty():  # what came between the two lines above, and nobody would answer
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
        """`first` and all that wait behind it, up to the size of a batch; a request is never torn."""
        requests, size = [first], len(first.orders)
        while not self._waiting.empty():
            following = self._waiting.get()
            if following is None:
                return requests, None, True
            if size + len(following.orders) > BATCH_ORDERS_MAX:
                return requests, following, False
            requests.append(following)
            size += len(following.orders)
        return requests, None, False

    def _write(self, requests: Sequence[_Request]) -> None:
        try:
            outcomes = iter(self._writer.post(_together(requests)))
        except BaseException as fault:  # noqa: BLE001  # the callers wait in other threads: each gets the fault itself
            if len(requests) > 1 and not isinstance(fault, Unavailable):
                # One request makes the store or the judge fail, and is not to take the others with it.
                for request in requests:
                    self._write([request])
                return
            for request in requests:
                request.answer.set_exception(fault)
            return
        for request in requests:
            request.answer.set_result(list(islice(outcomes, len(request.orders))))


def _together(requests: Sequence[_Request]) -> Sequence[TransferOrder]:
    """The orders of all requests; those of one alone as they came, for they may be there as columns."""
    if len(requests) == 1:
        return requests[0].orders
    return [order for request in requests for order in request.orders]
