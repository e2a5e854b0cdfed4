"""A small application on uvicorn, by the protocol that serves the API, and raw connections to it."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from api.limits.deadlines import attended
from api.limits.framing import OneLength
from api.limits.idle_connections import BoundedHttpTools
from api.limits.refusals import DeadlineExceeded


@dataclass
class Site:
    """The application, with what became of its requests."""

    ended: list[str] = field(default_factory=list)
    port: int = 0

    async def work(self, request: Request) -> Response:
        """Work until the request's deadline, far longer than any test waits for."""
        await request.body()
        try:
            await attended(self._long(), request.receive, float(request.query_params["seconds"]))
        except DeadlineExceeded:
            return PlainTextResponse("too long", 504)
        except ClientDisconnect:
            self.ended.append("client left")
            raise
        return PlainTextResponse("done")

    async def quick(self, request: Request) -> Response:
        await request.body()
        return PlainTextResponse(await attended(asyncio.sleep(0, "quick"), request.receive))

    async def large(self, _request: Request) -> Response:
        return PlainTextResponse("x" * 30_000_000)

    async def _long(self) -> None:
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            self.ended.append("work ended")
            raise

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(BoundedHttpTools, "header_seconds", 0.3)
    monkeypatch.setattr(BoundedHttpTools, "read_seconds", 0.3)
    made = Site()
    routes = [
        Route("/work", made.work, methods=["GET", "POST"]),
        Route("/quick", made.quick, methods=["GET", "POST"]),
        Route("/large", made.large),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(OneLength), Middleware(Leaving)])
    config = uvicorn.Config(app, host="127.0.0.1", port=0, http=BoundedHttpTools, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    made.port = server.servers[0].sockets[0].getsockname()[1]
    yield made
    server.should_exit = True
    thread.join(20)


class Leaving:
    """Ends a request whose client went away without a fault, as the access log does."""

    def __init__(self, app):
        self._app = app

    async def __call__(self, scope, receive, send):
        with suppress(ClientDisconnect):
            await self._app(scope, receive, send)
