"""Deadlines: a request ends when its time is over, or when its client goes away."""

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar

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
    attendance = _Attendance(receive, seconds)
    try:
        return await work
    except asyncio.CancelledError:
        attendance.raise_reason()
        raise
    finally:
        attendance.end()


class _Attendance:
    """Cancels the task that makes it when the client goes away or when the time is over, and knows which it was."""

    def __init__(self, receive: Receive, seconds: float) -> None:
        self._receive, self._seconds = receive, seconds
        self._task = asyncio.current_task()
        self._watch: asyncio.Task[None] | None = None
        self._reason: ClientDisconnect | DeadlineExceeded | None = None
        self._timer = asyncio.get_running_loop().call_later(min(UNWATCHED_SECONDS, seconds), self._begin)

    def raise_reason(self) -> None:
        """Raise the reason for the cancellation, unless the task was cancelled elsewhere too: that goes first."""
        assert self._task is not None
        reason, self._reason = self._reason, None
        if reason is not None and self._task.uncancel() == 0:
            raise reason

    def end(self) -> None:
        """Watch no longer; the work may have ended in spite of its cancellation."""
        self._timer.cancel()
        if self._watch is not None:
            self._watch.cancel()
        if self._reason is not None and self._task is not None:
            self._task.uncancel()

    def _begin(self) -> None:
        self._watch = asyncio.get_running_loop().create_task(self._until_over())

    async def _until_over(self) -> None:
        try:
            async with asyncio.timeout(self._seconds - UNWATCHED_SECONDS):
                await self._until_gone()
            self._cancel(ClientDisconnect())
        except TimeoutError:
            self._cancel(_exceeded(self._seconds))

    async def _until_gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    def _cancel(self, reason: ClientDisconnect | DeadlineExceeded) -> None:
        assert self._task is not None
        self._reason = reason
        self._task.cancel()


def _exceeded(seconds: float) -> DeadlineExceeded:
    return DeadlineExceeded(
        f"this took longer than {seconds:g} seconds and was stopped; ask for less, or send a change again with the "
        "same key to learn what became of it"
    )
