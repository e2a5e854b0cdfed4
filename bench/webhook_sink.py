"""A sink for webhooks in a process of its own: answers 204 at once, and tells when each webhook arrived first.

Run as `python -m bench.webhook_sink PORT`; `GET /arrivals` answers with the instants by id, as JSON.
"""

import asyncio
import json
import re
import sys
from typing import Final

import uvloop

from ledger.kernel.clock import system_clock

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_ID: Final = re.compile(rb"\r\nwebhook-id: *(\S+)", re.IGNORECASE)
_ANSWER: Final = b"HTTP/1.1 204 No Content\r\n\r\n"


class _Sink:
    """The instants of the arrivals, and the answers to connections. Paths below /hangs are never answered."""

    def __init__(self) -> None:
        self._arrivals: dict[str, float] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of a connection."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if (length := _LENGTH.search(head)) is not None:
                    await reader.readexactly(int(length[1]))
                writer.write(await self._answer(head))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(self, head: bytes) -> bytes:
        if head.startswith(b"GET /arrivals"):
            body = json.dumps(self._arrivals).encode()
            self._arrivals = {}
            return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        if head.startswith(b"POST /hangs"):
            await asyncio.sleep(3_600)
        if (found := _ID.search(head)) is not None:
            self._arrivals.setdefault(found[1].decode(), system_clock().timestamp())
        return _ANSWER


async def _main(port: int) -> None:
    server = await asyncio.start_server(_Sink().serve, "127.0.0.1", port, backlog=1_024)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_main(int(sys.argv[1])))
