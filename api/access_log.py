"""The access log: gives each request its id, and writes one line when it has been answered.

A line has no text that a caller chose, but for the request id and the name of an operation that was executed: no query,
no header, no path that nothing answers at.
"""

import logging
import re
import time
from collections.abc import Mapping
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.connections import has_left
from api.errors import note
from api.request_metrics import count_request
from ledger.kernel.ids import new_id
from ledger.kernel.log_context import bound
from ledger.kernel.tracing import BOOK, POSITION, TRACING, Span

CLIENT_CLOSED_REQUEST: Final = 499
"""The status in the log where the client went away before it was answered; nginx writes the same."""

_LOG: Final = logging.getLogger("cofferdam.api")
_ROUTES: Final = {"/transfers": "bulk"}
"""The kinds of requests in metrics that have no operation of GraphQL."""

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


class AccessLog:
    """Wraps the application; what escapes from it is noted, and answered with 500."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, under its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        with TRACING.span(scope["method"], traceparent=_traceparent(scope)) as span:
            await self._logged(scope, receive, send, span, began=began)

    async def _logged(self, scope: Scope, receive: Receive, send: Send, span: Span, *, began: float) -> None:
        trace_id = TRACING.trace_id()
        request_id = _request_id(header(scope, b"x-request-id"), trace_id)
        scope.setdefault("state", {})["request_id"] = request_id
        with bound(request_id=request_id, trace_id=trace_id) as fields:
            status = await self._answered(scope, receive, send, request_id)
            seconds = time.perf_counter() - began
            count_request(fields.get("operation_type") or _ROUTES.get(scope["path"]), status, seconds)
            if trace_id is not None:
                _describe(span, scope, status, fields)
            _write_line(scope, status, seconds)

    async def _answered(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> int:
        """Pass the request on, and return the status of the answer."""
        status: int | None = None

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = CLIENT_CLOSED_REQUEST if has_left(receive) else int(message["status"])
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except ClientDisconnect:
            return CLIENT_CLOSED_REQUEST
        except Exception as fault:  # noqa: BLE001  # the edge: a bug becomes an answer, and a line in the log
            note(fault)
            if status is None:
                await PlainTextResponse("Internal Server Error", 500)(scope, receive, answer)
        return status or 500


def header(scope: Scope, name: bytes) -> str | None:
    """Return the first header of a request with this name in lower case; None if there is none."""
    for each, value in scope["headers"]:
        if each == name:
            return str(value, "latin-1")
    return None


def _request_id(given: str | None, trace_id: str | None) -> str:
    """Return the id that the caller gave, if it is a plain token; else that of the trace, or a new one."""
    if given is not None and _REQUEST_ID.fullmatch(given):
        return given
    return trace_id or new_id().hex


def _traceparent(scope: Scope) -> str:
    """Return the header of the trace that the caller is in; empty if it is in none, or nothing is traced."""
    return (header(scope, b"traceparent") or "") if TRACING.tracer is not None else ""


def _describe(span: Span, scope: Scope, status: int, fields: Mapping[str, object]) -> None:
    """Set the attributes of the span of a request, by OpenTelemetry's conventions; no text of its caller."""
    route = scope.get("route")
    attributes = {
        "http.request.method": scope["method"],
        "http.route": None if route is None else route.path,
        "http.response.status_code": status,
        "graphql.operation.type": fields.get("operation_type"),
        BOOK: fields.get("book"),
        POSITION: fields.get("position"),
    }
    for key, value in attributes.items():
        span.set(key, value)


def _write_line(scope: Scope, status: int, seconds: float) -> None:
    route = scope.get("route")
    fields = {
        "method": scope["method"],
        "path": None if route is None else route.path,
        "status": status,
        "duration_ms": round(seconds * 1000, 1),
    }
    _LOG.info("request answered", extra=fields)
