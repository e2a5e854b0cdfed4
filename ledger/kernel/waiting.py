"""Waiting: lets synchronous code run on an event loop, and wait there without holding a thread.

Such code runs in a greenlet, which gives way to the loop wherever it waits: for SQLAlchemy's asynchronous drivers, for
an awaitable, or for a worker thread that does what blocks. The same code runs without a loop, and then simply blocks.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from datetime import timedelta
from typing import TypeVar, TypeVarTuple

from sqlalchemy.util.concurrency import await_, greenlet_spawn, in_greenlet

_T = TypeVar("_T")
_A = TypeVarTuple("_A")


def run_waiting(function: Callable[[*_A], _T], *arguments: *_A) -> Awaitable[_T]:
    """Run a synchronous function on this event loop; cancelling it raises `CancelledError` where it waits."""
    return greenlet_spawn(function, *arguments)


def wait(awaitable: Awaitable[_T]) -> _T:
    """Wait for an awaitable within `run_waiting`; raises what it raises."""
    return await_(awaitable)


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
