"""Bodies of requests: read within a bound, and heard out before they are refused."""

from contextlib import suppress
from typing import Final

import anyio
from starlette.requests import ClientDisconnect, Request

from ledger.kernel.errors import Refusal

DISCARDED_BYTES_MAX: Final = 256 * 1024 * 1024
"""How much of an unwanted body is read before its sender is cut off."""

_DISCARD_SECONDS: Final = 15


async def read_body(request: Request, bytes_max: int, too_large: Refusal) -> bytes:
    """The whole body; raises `too_large` as soon as it is known to be that."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > bytes_max:
        raise too_large
    body = bytearray()
    request.state.is_asked_for = True
    async for chunk in request.stream():
        body += chunk
        if len(body) > bytes_max:
            raise too_large
    request.state.is_read = True
    return bytes(body)


async def discard_body(request: Request) -> None:
    """Read what is left of a body that is not wanted, within bounds, so that its sender hears the answer.

    Who is answered while it sends finds its connection reset. Who waits to be asked for the body is not asked.
    """
    is_awaited = "expect" in request.headers and not getattr(request.state, "is_asked_for", False)
    if is_awaited or getattr(request.state, "is_read", False):
        return
    discarded = 0
    with anyio.move_on_after(_DISCARD_SECONDS), suppress(ClientDisconnect):
        async for chunk in request.stream():
            discarded += len(chunk)
            if discarded > DISCARDED_BYTES_MAX:
                return
