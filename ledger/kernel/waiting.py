"""Waiting: lets synchronous code run on an event loop, and wait there without holding a thread.

Such code runs in a greenlet, which gives way to the loop wherever it waits: for SQLAlchemy's asynchronous drivers, for
an awaitable, or for a worker thread that does what blocks. The same code runs without a loop, and then simply blocks.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from datetime import timedelta
from typing import Final, TypeVar, TypeVarTuple

from sqlalchemy.util.concurrency import await_, greenlet_spawn, in_greenlet

_T = TypeVar("_T")
_A = TypeVarTuple("_A")

_SLICE_NS: Final = 500_000
"""The nanoseconds for which one function may keep the loop before it gives way."""

_TURNS_MAX: Final = 8
"""The part of those that gave way which continues in a turn, so that a queue of them shrinks however long it is."""


def run_waiting(function: Callable[[*_A], _T], *arguments: *_A) -> Awaitable[_T]:
    """Run a synchronous function on this event loop; cancelling it raises `CancelledError` where it waits."""
    return greenlet_spawn(_begin, function, *arguments)


def wait(awaitable: Awaitable[_T]) -> _T:
    """Wait for an awaitable within `run_waiting`; raises what it raises."""
    waited = await_(awaitable)
    _LOOP.slice_ends_at = time.perf_counter_ns() + _SLICE_NS
    return waited


def give_way() -> None:
    """Let the loop do what else is ready if this function has kept it for half a millisecond; for loops over items.

    Of the functions that have given way the loop continues one per turn, so that many long ones together delay
    a short one no more than a single long one does; of a great many, an eighth per turn, so that none waits for long.
    """
    if time.perf_counter_ns() < _LOOP.slice_ends_at or not in_greenlet():
        return
    loop = asyncio.get_running_loop()
    continues = loop.create_future()
    _LOOP.paused.append(continues)
    if len(_LOOP.paused) == 1:
        loop.call_soon(_continue_some, loop)
    wait(continues)


def wait_for_future(future: Future[_T], timeout: timedelta) -> _T:
    """Return the result of a future that another thread sets. Raises `TimeoutError` if there is none in time.

    The future goes on after a timeout, or if the caller is cancelled.
    """
    if not in_greenlet():
        return future.result(timeout.total_seconds())
    loop = asyncio.get_running_loop()
    is_over = loop.create_future()

    def wake() -> None:
        if not is_over.done():
            is_over.set_result(None)

    future.add_done_callback(lambda _: None if loop.is_closed() else loop.call_soon_threadsafe(wake))
    timer = loop.call_later(timeout.total_seconds(), wake)
    try:
        wait(is_over)
    finally:
        timer.cancel()
    return future.result(0)


def blocking(function: Callable[[], _T]) -> _T:
    """Call a function that blocks: on an event loop in a worker thread, so that the loop goes on; else directly."""
    return wait(asyncio.to_thread(function)) if in_greenlet() else function()


class _Loop(threading.local):
    """The state of the event loop of a thread: when the running function should give way, and which ones have."""

    def __init__(self) -> None:
        self.slice_ends_at = 0
        self.paused: deque[asyncio.Future[None]] = deque()


_LOOP: Final = _Loop()


def _begin(function: Callable[[*_A], _T], *arguments: *_A) -> _T:
    _LOOP.slice_ends_at = time.perf_counter_ns() + _SLICE_NS
    return function(*arguments)


def _continue_some(loop: asyncio.AbstractEventLoop) -> None:
    """Let those continue that gave way first, and see to the others in the loop's next turn."""
    paused = _LOOP.paused
    for _ in range(max(1, len(paused) // _TURNS_MAX)):
        continues = paused.popleft()
        if not continues.done():  # otherwise it was cancelled
            continues.set_result(None)
    if paused:
        loop.call_soon(_continue_some, loop)
