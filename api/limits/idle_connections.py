"""Idle connections: closes those on which no request begins in time, and those whose client does not read its answer.

uvicorn closes a connection that is silent after an answer. It keeps for ever one that never sends a whole header, that
sends a byte now and then, or that never reads.
"""

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ledger.kernel.metrics import Gauge

HTTP_CONNECTIONS: Final = Gauge("cofferdam_http_connections", "Open connections of clients.")

HEADER_SECONDS: Final = 10
READ_SECONDS: Final = 30
"""The time in which a client must read what fills the buffers of the connection."""


class BoundedHttpTools(HttpToolsProtocol):
    """The protocol of uvicorn on llhttp, whose connections are closed once they are idle for too long.

    One timer per connection looks when the last answer ended, so that a request costs one reading of the clock.
    """

    header_seconds: float = HEADER_SECONDS
    read_seconds: float = READ_SECONDS
    _idle_since: float
    _look: asyncio.TimerHandle
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Begin to watch the connection."""
        super().connection_made(transport)
        HTTP_CONNECTIONS.of().add(1)
        self._idle_since = self.loop.time()
        self._look = self.loop.call_later(self.header_seconds, self._close_if_idle)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the watch."""
        HTTP_CONNECTIONS.of().add(-1)
        self._look.cancel()
        self._forget_unread()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """End an answer that would not end by itself, if it says how, before the server waits for it."""
        super().shutdown()
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.scope.get("state", {}).get("on_shutdown", _nothing)()

    def on_response_complete(self) -> None:
        """Count the time from the end of an answer."""
        self._idle_since = self.loop.time()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Give the client its time to read."""
        super().pause_writing()
        self._unread = self.loop.call_later(self.read_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Let the connection be: the client has read."""
        super().resume_writing()
        self._forget_unread()

    def _forget_unread(self) -> None:
        if self._unread is not None:
            self._unread.cancel()

    def _close_if_idle(self) -> None:
        if self.transport.get_protocol() is not self:
            return  # it is a WebSocket by now, which may be silent for long
        is_busy = self.cycle is not None and not self.cycle.response_complete
        left = self.header_seconds if is_busy else self._idle_since + self.header_seconds - self.loop.time()
        if left <= 0:
            self.transport.close()
        else:
            self._look = self.loop.call_later(left, self._close_if_idle)


def _nothing() -> None:
    """Leave an answer alone that ends by itself."""
