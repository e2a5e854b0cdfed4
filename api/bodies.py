"""Request bodies: reads them up to a limit, and drains the rest before a refusal is sent."""

from contextlib import suppress
from typing import Final

import anyio
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
    body = bytearray()
    request.state.is_asked_for = True
    async for chunk in request.stream():
        body += chunk
        if len(body) > bytes_max:
            raise too_large
    return bytes(body)


async def discard_body(request: Request) -> None:
    """Read and drop the rest of a refused body, within bounds, so that its sender receives the answer.

    A client that is answered while it still sends sees its connection reset. A client that sent `Expect: 100-continue`
    and was not asked for its body has sent none.
    """
    if "expect" in request.headers and not getattr(request.state, "is_asked_for", False):
        return
    discarded = 0
    # Starlette raises RuntimeError if the body was already read to its end.
    with anyio.move_on_after(_DISCARD_SECONDS), suppress(ClientDisconnect, RuntimeError):
        async for chunk in request.stream():
            discarded += len(chunk)
            if discarded > DISCARDED_BYTES_MAX:
                return
