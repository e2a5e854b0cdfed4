"""The WebSocket endpoint: subscriptions by the protocol graphql-transport-ws.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md states the messages and the codes of closing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack, aclosing
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from api.access.authentication import Credential, Presented
from api.access.refusals import AccessRefused
from api.access_log import header
from api.errors import told
from api.limits.refusals import LimitExceeded, TooManyStreams
from api.requests import BadRequest, operation_of
from api.schema_versions import version_asked
from api.subscriptions.failures import errors_of
from api.subscriptions.streams import Results, Streams, shown
from ledger.kernel.errors import Refusal
from ledger.kernel.ids import new_id
from ledger.kernel.log_context import bound
from ledger.tenancy.api_keys import Principal

PROTOCOL: Final = "graphql-transport-ws"
INIT_SECONDS: Final = 3
OPERATIONS_MAX: Final = 100
"""The most operations of one socket at once."""

_REASON_BYTES_MAX: Final = 123
"""The most that a close frame has room for (RFC 6455, section 5.5)."""


class Closed(Exception):
    """The socket is to be closed with a code; or it is closed already, without one."""

    def __init__(self, code: int | None = None, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason


class WebSocketEndpoint:
    """Serves the sockets of one process."""

    def __init__(self, streams: Streams) -> None:
        self._streams: Final = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket until it is closed, as an ASGI application."""
        await receive()
        if not _is_of_this_site(scope):
            await send({"type": "websocket.close"})  # before it is accepted, this is an HTTP 403
            return
        offered = scope["subprotocols"]
        chosen = PROTOCOL if PROTOCOL in offered else next(iter(offered), None)
        await send({"type": "websocket.accept", "subprotocol": chosen})
        if chosen != PROTOCOL:  # accepted all the same, so that every client learns the code
            await send(_closing(4406, f"speak {PROTOCOL}"))
            return
        with bound(request_id=new_id().hex) as fields, ExitStack() as held:
            socket = _Socket(self._streams, scope, receive, send, held=held, request_id=str(fields["request_id"]))
            await socket.serve()


class _Socket:
    """One socket: its caller once it is known, and its operations by their ids."""

    def __init__(  # noqa: PLR0913  # what a socket is made of
        self, streams: Streams, scope: Scope, receive: Receive, send: Send, *, held: ExitStack, request_id: str
    ) -> None:
        self._streams, self._scope, self._receive, self._send = streams, scope, receive, send
        self._held, self._request_id = held, request_id
        self._principal: Principal | None = None
        self._is_init_received = False
        self._tasks: Final = asyncio.TaskGroup()
        self._operations: Final[dict[str, asyncio.Task[None]]] = {}

    async def serve(self) -> None:
        """Serve until one side closes the socket; all of its operations end with it."""
        try:
            async with self._tasks:
                self._tasks.create_task(self._require_init())
                while True:
                    await self._take(await self._message())
        except* Closed as group:
            closed = next(each for each in group.exceptions if isinstance(each, Closed))
            if closed.code is not None:
                await self._send(_closing(closed.code, closed.reason))
        except* OSError:
            pass  # the client went away while something was sent to it

    async def _require_init(self) -> None:
        await asyncio.sleep(INIT_SECONDS)
        if not self._is_init_received:
            raise Closed(4408, "Connection initialisation timeout")

    async def _message(self) -> Mapping[str, Any]:
        """Return the next message. Raises `Closed`."""
        received = await self._receive()
        if received["type"] == "websocket.disconnect":
            raise Closed
        try:
            message = orjson.loads(received.get("text") or "")
        except orjson.JSONDecodeError:
            raise Closed(4400, "a message is one JSON object in a text frame") from None
        if not isinstance(message, dict):
            raise Closed(4400, "a message is one JSON object in a text frame")
        return message

    async def _take(self, message: Mapping[str, Any]) -> None:
        """Do what a message asks for. Raises `Closed` for what the protocol does not allow."""
        match message:
            case {"type": "connection_init"}:
                await self._begin(_payload(message))
            case {"type": "ping"}:
                await self._say("pong", **({"payload": _payload(message)} if "payload" in message else {}))
            case {"type": "pong"}:
                _payload(message)
            case {"type": "subscribe", "id": str(name), "payload": dict(asked)} if name:
                self._subscribe(name, asked)
            case {"type": "complete", "id": str(name)}:
                self._cancel(name)
            case _:
                raise Closed(4400, "unknown type of message, or one without its id or payload")

    async def _begin(self, payload: Mapping[str, Any] | None) -> None:
        """Let the caller in by the headers of the socket, or by the payload of a browser, which cannot set them."""
        if self._is_init_received:
            raise Closed(4429, "Too many initialisation requests")
        self._is_init_received = True
        resources = self._streams.resources
        try:
            credential = resources.authenticator.examine(_presented(self._scope, payload or {}))
            principal = await resources.principal_of(credential)
            self._held.enter_context(self._streams.connections.one(principal.partner_id))
        except TooManyStreams as refusal:
            raise Closed(1013, str(refusal)) from None
        except Refusal as refusal:
            raise Closed(4403, str(refusal)) from None
        self._principal = principal
        self._tasks.create_task(self._require_validity(credential, principal))
        await self._say("connection_ack")

    async def _require_validity(self, credential: Credential, principal: Principal) -> None:
        try:
            await self._streams.require_validity(credential, principal)
        except (AccessRefused, LimitExceeded) as refusal:
            raise Closed(4401, str(refusal)) from None

    def _subscribe(self, name: str, asked: Mapping[str, Any]) -> None:
        if self._principal is None:
            raise Closed(4401, "Unauthorized")
        if name in self._operations:
            raise Closed(4409, f"Subscriber for {name} already exists")
        has_room = len(self._operations) < OPERATIONS_MAX
        begin = partial(self._results, asked, self._principal) if has_room else _refused
        self._operations[name] = self._tasks.create_task(self._deliver(name, begin))

    def _cancel(self, name: str) -> None:
        """End an operation that its caller does not want any more; its id is free at once."""
        if (task := self._operations.pop(name, None)) is not None:
            task.cancel()

    async def _deliver(self, name: str, begin: Callable[[], Awaitable[Results]]) -> None:
        """Send the results of an operation until it ends."""
        try:
            async with aclosing(await begin()) as results:
                async for result in results:
                    await self._say("next", id=name, payload=shown(result, self._request_id))
        except BadRequest as refusal:
            raise Closed(4400, str(refusal)) from None
        except AccessRefused as refusal:
            raise Closed(4401, str(refusal)) from None
        except OSError:
            raise Closed from None
        except Exception as fault:  # noqa: BLE001  # the edge: a refusal or a bug is the answer of one operation
            self._forget(name)
            await self._say("error", id=name, payload=[told(each, self._request_id) for each in errors_of(fault)])
        else:
            self._forget(name)
            await self._say("complete", id=name)
        finally:
            self._forget(name)

    async def _results(self, asked: Mapping[str, Any], principal: Principal) -> Results:
        schema = version_asked(Headers(scope=self._scope)).schema
        return await self._streams.results(operation_of(asked, may_change=True), principal, schema)

    def _forget(self, name: str) -> None:
        """Free the id of an operation, unless its caller has given it to another one since."""
        if self._operations.get(name) is asyncio.current_task():
            del self._operations[name]

    async def _say(self, kind: str, **more: Any) -> None:
        await self._send({"type": "websocket.send", "text": orjson.dumps({"type": kind, **more}).decode()})


async def _refused() -> Results:
    raise TooManyStreams(f"a socket has at most {OPERATIONS_MAX} operations at once; end some, or open another")


def _payload(message: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the payload of a message, which may be absent. Raises `Closed`."""
    payload = message.get("payload")
    if not isinstance(payload, dict | None):
        raise Closed(4400, "a payload is an object")
    return payload


def _presented(scope: Scope, payload: Mapping[str, Any]) -> Presented:
    """Return the credentials of a socket; a proof is of a GET of its address over HTTP (RFC 9449, section 4.2)."""
    named = {name.lower(): value for name, value in payload.items() if isinstance(value, str)}
    authorization = named.get("authorization") or header(scope, b"authorization") or ""
    proof = named.get("dpop") or header(scope, b"dpop")
    scheme = "https" if scope["scheme"] == "wss" else "http"
    address = f"{scheme}://{header(scope, b'host') or ''}{scope['path']}"
    client = scope.get("client")
    return Presented(authorization, [proof] if proof else [], "GET", address, client[0] if client else "")


def _is_of_this_site(scope: Scope) -> bool:
    """Return whether the socket was opened by a page of this site, or by no page at all."""
    origin = header(scope, b"origin")
    return origin is None or urlsplit(origin).netloc == header(scope, b"host")


def _closing(code: int, reason: str) -> dict[str, Any]:
    shortened = reason.encode()[:_REASON_BYTES_MAX].decode(errors="ignore")
    return {"type": "websocket.close", "code": code, "reason": shortened}
