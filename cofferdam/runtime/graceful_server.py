"""The graceful server: at SIGTERM it stops listening, answers what it has accepted, and ends.

Uvicorn does most of it. It is not enough where a connection is accepted in the moment in which it stops: nothing tells
that one to end. And it raises the signal again at its end, which ends the process before its resources are released.
"""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

import uvicorn

ANSWER_SECONDS: Final = 8
"""The time in which what was accepted is answered; a supervisor waits for ten."""

_LOOK_SECONDS: Final = 0.02

_ACCEPTS: Final = 16
"""Maximum number of connections that are accepted in a turn of the loop."""


class GracefulServer(uvicorn.Server):
    """A server that loses no request at SIGTERM or SIGINT; a second SIGINT ends it at once.

    `ending` is called at the signal. For `drain_seconds` after it the server goes on, so that a load balancer that asks
    whether it is ready sends no more.
    """

    def __init__(self, config: uvicorn.Config, ending: Callable[[], None], *, drain_seconds: float = 0) -> None:
        super().__init__(config)
        self._ending, self._drain_seconds = ending, drain_seconds
        self._interrupts = 0

    def serve_on(self, listening: socket.socket) -> None:
        """Serve on a socket until the signal.

        Copies of it listen too: libuv accepts one connection for each socket in a turn of the loop, so that of a few
        hundred that come at once the last would wait for seconds.
        """
        self.run([listening, *(listening.dup() for _ in range(_ACCEPTS - 1))])

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals while the block runs, and raise none of them again."""
        before = {each: signal.signal(each, self._end) for each in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, answer what was accepted, and release all resources."""
        if not self.force_exit:
            await asyncio.sleep(self._drain_seconds)
        closing = asyncio.get_running_loop().create_task(self._close_late_connections())
        try:
            await super().shutdown(sockets)
        finally:
            closing.cancel()

    def _end(self, number: int, _frame: FrameType | None) -> None:
        """Begin to end. A terminal's Ctrl-C and the parent's SIGTERM may both come, in any order."""
        self._interrupts += number == signal.SIGINT
        self._ending()
        self.should_exit, self.force_exit = True, self._interrupts > 1

    async def _close_late_connections(self) -> None:
        """Tell each connection once to end after its current request, also those that are made from now on."""
        told: set[object] = set()
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            for connection in [each for each in self.server_state.connections if each not in told]:
                connection.shutdown()
                told.add(connection)
