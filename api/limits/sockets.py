"""WebSockets: closes those whose client does not read, with a code by which it knows that it may come back."""

import asyncio
from typing import Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from api.limits.idle_connections import READ_SECONDS

_TRY_AGAIN_LATER: Final = 1013
_REASON: Final = "you read too slowly; subscribe again since your last position"


class BoundedWebSockets(WebSocketsSansIOProtocol):
    """The protocol of uvicorn, whose sockets are closed once their client has not read for too long.

    What was sent before the close frame waits for the client as long again; then the connection is dropped.
    """

    read_seconds: float = READ_SECONDS
    _unread: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """End the watch."""
        if self._unread is not None:
            self._unread.cancel()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Give the client its time to read."""
        super().pause_writing()
        self._unread = self.loop.call_later(self.read_seconds, self._close_unread)

    def resume_writing(self) -> None:
        """Let the socket be: the client has read."""
        super().resume_writing()
        if self._unread is not None and not self.disconnected:
            self._unread.cancel()

    def _close_unread(self) -> None:
        """Close it for the application at once, and for the client behind all that it has not read."""
        if not self.close_sent:
            self.conn.send_close(_TRY_AGAIN_LATER, _REASON)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": _TRY_AGAIN_LATER, "reason": _REASON})
        self.disconnected = True
        self.writable.set()
        self.transport.close()
        self._unread = self.loop.call_later(self.read_seconds, self.transport.abort)
