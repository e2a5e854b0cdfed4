"""Request bodies: reads them up to a limit, and drains the rest before a refusal is sent."""

import asyncio
from contextlib import suppress
from typing import Final

from starlette.requests import ClientDisconnect, Request

from ledger.kernel.errors import Refusal

DISCARDED_BYTES_MAX: Final = 256 * 1024 * 1024
"""The most bytes of a refused body that are read before the connection is closed."""

_DISCARD_SECONDS: Final = 5


async def read_body(request: Request, bytes_max: int, too_large: Refusal) -> bytes:
    """Read the whole body; raise `too_large` as soon as it exceeds `bytes_max`."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > bytes_max:
        raise too_large
    body, is_whole = b"", False
    request.state.is_asked_for = True
    while not is_whole:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > bytes_max:
            raise too_large
        is_whole = not message.get("more_body", False)
    request.state.is_whole = True
    return body


async def discard_body(request: Request) -> None:
    """Read and drop the rest of a refused body, within bounds, so that its sender receives the answer.

    A client that is answered while it still sends sees its connection reset. A client that sent `Expect: 100-continue`
    and was not asked for its body has sent none.
    """
    waits_to_be_asked = "expect" in request.headers and not getattr(request.state, "is_asked_for", False)
    if waits_to_be_asked or getattr(request.state, "is_whole", False):
        return
    discarded = 0
    with suppress(ClientDisconnect, TimeoutError):
        async with asyncio.timeout(_DISCARD_SECONDS):
            async for chunk in request.stream():
                discarded += len(chunk)
                if discarded > DISCARDED_BYTES_MAX:
                    return
