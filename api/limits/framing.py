"""Framing: refuses requests that state the length of their body in two ways (RFC 9112, section 6.1).

A server before this one may read such a request by the other length, and take its end for a request of another caller.
"""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

_LENGTHS: Final = {b"content-length", b"transfer-encoding"}
_TEXT: Final = b'{"errors":[{"message":"Content-Length and Transfer-Encoding exclude each other: send one of them",'
_BODY: Final = _TEXT + b'"extensions":{"code":"BAD_REQUEST"}}]}'
_HEADERS: Final = [
    (b"content-type", b"application/json"),
    (b"content-length", str(len(_BODY)).encode()),
    (b"connection", b"close"),
]


class OneLength:
    """Wraps the application: a request with two lengths is answered with 400, and its connection closed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless it has two lengths, or several of one kind."""
        if scope["type"] == "http" and len([name for name, _ in scope["headers"] if name in _LENGTHS]) > 1:
            await send({"type": "http.response.start", "status": 400, "headers": _HEADERS})
            await send({"type": "http.response.body", "body": _BODY})
            return
        await self._app(scope, receive, send)
