"""Deadlines: a request ends when its time is over, or when its client goes away."""

import asyncio
from collections.abc import Awaitable
from typing import Final, Self, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from api.limits.refusals import DeadlineExceeded

REQUEST_SECONDS: Final = 10
"""The time of a request, waits for its turn and for a position included."""

UNWATCHED_SECONDS: Final = 0.2
"""The time for which nothing watches the client: most requests are answered by then, and a watch costs a task."""

_T = TypeVar("_T")


async def attended(work: Awaitable[_T], receive: Receive, seconds: float = REQUEST_SECONDS) -> _T:
    """Await the work while its client waits; cancel it when the client goes away, or when the time is over.

    The body must have been read: from then on `receive` returns only when the client is gone. Raises
    `ClientDisconnect` and `DeadlineExceeded`.
    """
    try:
        async with asyncio.timeout(seconds) as timeout, _Attendance(receive):
            return await work
    except TimeoutError:
        if not timeout.expired():
            raise
        raise DeadlineExceeded(
            f"this took longer than {seconds:g} seconds and was stopped; ask for less, or send a change again with the "
            "same key to learn what became of it"
        ) from None


class _Attendance:
    """Cancels the task in its block when the client goes away, and raises `ClientDisconnect` in its place."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._task: asyncio.Task[object] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._has_left = False

    async def __aenter__(self) -> Self:
        self._task = asyncio.current_task()
        self._timer = asyncio.get_running_loop().call_later(UNWATCHED_SECONDS, self._begin)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_fault: object) -> None:
        self._timer.cancel()
        if self._watch is not None:
            self._watch.cancel()
        if self._has_left:
            assert self._task is not None
            is_ours = self._task.uncancel() == 0  # otherwise it was cancelled elsewhere too, and that goes first
            if is_ours and kind is asyncio.CancelledError:
                raise ClientDisconnect

    def _begin(self) -> None:
        self._watch = asyncio.get_running_loop().create_task(self._until_gone())

    async def _until_gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        assert self._task is not None
        self._has_left = True
        self._task.cancel()
