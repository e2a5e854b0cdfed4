"""The endpoint of server-sent events: one operation per request, as GraphQL over SSE's distinct connections mode.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md states the events.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import aclosing
from functools import partial
from typing import Final

import orjson
from graphql import ExecutionResult, GraphQLError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.access.authentication import Credential
from api.access_log import header
from api.auth import presented
from api.bodies import discard_body
from api.errors import told_alone
from api.execution.documents import DocumentRefused
from api.graphql.executable_schema import ExecutableSchema
from api.requests import Operation, TooSlow, read_operation
from api.schema_versions import version_asked
from api.statuses import headers_of, status_of
from api.subscriptions.failures import errors_of
from api.subscriptions.streams import Results, Streams, alone, shown
from ledger.kernel.errors import Refusal
from ledger.tenancy.api_keys import Principal

_MEDIA_TYPE: Final = "text/event-stream"
_HEADERS: Final = [
    (b"content-type", f"{_MEDIA_TYPE}; charset=utf-8".encode()),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # asks a proxy to pass each event on at once
]
_ALIVE_SECONDS: Final = 12
_COMMENT: Final = b":\n\n"
_COMPLETE: Final = b"event: complete\ndata: \n\n"


_Watch = Callable[[], Coroutine[None, None, None]]
"""Watches something that ends the stream: it raises `_Ended`."""


class _Ended(Exception):
    """The stream has ended: with these errors, or because nobody reads it any more."""

    def __init__(self, errors: Sequence[GraphQLError] = (), *, is_read: bool = True) -> None:
        super().__init__()
        self.errors, self.is_read = errors, is_read


def wants_events(scope: Scope) -> bool:
    """Return whether a request asks for server-sent events before all other media types."""
    accepted = header(scope, b"accept")
    return accepted is not None and accepted.lstrip().lower().startswith(_MEDIA_TYPE)


class EventStreamEndpoint:
    """Serves the streams of one process."""

    def __init__(self, streams: Streams) -> None:
        self._streams: Final = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request with a stream, as an ASGI application."""
        request = Request(scope, receive)
        try:
            credential, principal = await self._caller(request)
            operation = await read_operation(request)
            with self._streams.connections.one(principal.partner_id):
                results = await self._results(operation, principal, version_asked(request.headers).schema)
                stream = _Stream(send, request.state.request_id)
                await stream.send(results, receive, partial(self._validity, credential, principal), scope)
        except Refusal as refusal:
            if not isinstance(refusal, TooSlow):
                await discard_body(request)
            body = orjson.dumps(told_alone(refusal, request.state.request_id))
            answer = Response(body, status_of(refusal), headers_of(refusal), "application/json; charset=utf-8")
            await answer(scope, receive, send)

    async def _caller(self, request: Request) -> tuple[Credential, Principal]:
        credential = self._streams.resources.authenticator.examine(presented(request))
        return credential, await self._streams.resources.principal_of(credential)

    async def _results(self, operation: Operation, principal: Principal, schema: ExecutableSchema) -> Results:
        """Return the results; the errors of a document are a result."""
        try:
            return await self._streams.results(operation, principal, schema)
        except DocumentRefused as refused:
            return alone(ExecutionResult(None, refused.errors))

    async def _validity(self, credential: Credential, principal: Principal) -> None:
        try:
            await self._streams.require_validity(credential, principal)
        except Refusal as refusal:
            raise _Ended(errors_of(refusal)) from None


class _Stream:
    """The events of one answer."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send, self._request_id = send, request_id

    async def send(self, results: Results, receive: Receive, validity: _Watch, scope: Scope) -> None:
        """Send the results until they end, the caller goes away, or the server does.

        Raises `ClientDisconnect`.
        """
        await self._send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await self._write(_COMMENT)
        stopping = asyncio.Event()
        scope["state"]["on_shutdown"] = stopping.set  # the protocol calls it
        try:
            async with asyncio.TaskGroup() as tasks:
                for each in (self._results(results), self._alive(), _until_gone(receive), _until(stopping), validity()):
                    tasks.create_task(each)
        except* _Ended as group:
            ended = next(each for each in group.exceptions if isinstance(each, _Ended))
        if not ended.is_read:
            raise ClientDisconnect
        if ended.errors:
            await self._next(ExecutionResult(None, list(ended.errors)))
        await self._write(_COMPLETE, more=False)

    async def _results(self, results: Results) -> None:
        async with aclosing(results):
            try:
                async for result in results:
                    await self._next(result)
            except Exception as fault:  # noqa: BLE001  # the edge: a refusal or a bug is the last event
                raise _Ended(errors_of(fault)) from None
        raise _Ended

    async def _alive(self) -> None:
        while True:
            await asyncio.sleep(_ALIVE_SECONDS)
            await self._write(_COMMENT)

    async def _next(self, result: ExecutionResult) -> None:
        await self._write(b"event: next\ndata: " + orjson.dumps(shown(result, self._request_id)) + b"\n\n")

    async def _write(self, chunk: bytes, *, more: bool = True) -> None:
        await self._send({"type": "http.response.body", "body": chunk, "more_body": more})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    raise _Ended(is_read=False)


async def _until(stopping: asyncio.Event) -> None:
    await stopping.wait()
    raise _Ended
