"""The ASGI application: routes requests to the endpoints, the pages and the health check, and owns the pools."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from api import pages
from api.access_log import AccessLog
from api.background import Background
from api.bulk import BulkEndpoint
from api.documentation.endpoint import DocumentationEndpoint
from api.endpoint import Endpoint
from api.graphql.schema import EXECUTABLE
from api.health import Health, Readiness
from api.limits.buckets import Allowance
from api.limits.framing import OneLength
from api.meter import metered
from api.operators.authentication import Operators
from api.operators.endpoint import OperatorEndpoint
from api.operators.login_endpoint import SignInEndpoint
from api.resources import Resources
from api.sandbox.request_log import RequestLog
from api.schema_pages import schema, schema_json
from api.subscriptions.event_stream import EventStreamEndpoint, wants_events
from api.subscriptions.streams import Streams
from api.subscriptions.web_socket import WebSocketEndpoint
from api.token_endpoint import TokenEndpoint
from api.trusted_documents import TrustedDocuments
from ledger.kernel.settings import Settings
from ledger.vault.vault import Vault

_GRAPHQL: Final = ("/graphql", "/graphql/")


def build_app(  # noqa: PLR0913  # what an installation is made of
    database_url: str,
    *,
    pepper: bytes,
    vault: Vault,
    settings: Settings | None = None,
    allowance: Allowance = Allowance(),  # noqa: B008  # a frozen value
    calls_private: bool = False,
    sandboxes_call_loopback: bool = False,
) -> "Application":
    """Build the API on the database at `database_url`; `pepper` keys the hashes of API keys, `vault` seals and opens.

    With `settings`, the health check also reports the installation's regular operations, and requests may name its
    trusted documents. `allowance` are the points that each partner has in this process. With `calls_private`, for
    sandboxes, webhooks may be sent to private addresses, also over plain HTTP; with `sandboxes_call_loopback`, those of
    test keys to this machine.
    The connection pools, the committers and the background threads live from startup to shutdown, which writes what is
    queued.
    """
    calls = {"calls_private": calls_private, "sandboxes_call_loopback": sandboxes_call_loopback}
    resources = Resources(database_url, pepper=pepper, vault=vault, allowance=allowance, **calls)
    documents = TrustedDocuments(None if settings is None else settings.trusted_documents)
    requests = RequestLog(resources.engine, vault)
    endpoint, bulk = Endpoint(resources, documents, requests), BulkEndpoint(resources)
    health, readiness = Health(resources.readers, settings), Readiness(resources.engine, resources.committers)
    streams = Streams(resources, endpoint)

    async def graphql(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": "GET, HEAD, POST, OPTIONS"})  # other origins may not ask
        return pages.explorer() if pages.wants_page(request) else await endpoint.answer(request)

    routes: list[BaseRoute] = [
        Route("/graphql", graphql, methods=["GET", "POST", "OPTIONS"]),
        Route("/graphql/", graphql, methods=["GET", "POST", "OPTIONS"]),
        WebSocketRoute("/graphql", WebSocketEndpoint(streams)),
        Route("/transfers", bulk.post, methods=["POST"]),
        Route("/health", _shown(health), methods=["GET"]),
        Route("/ready", readiness.answer, methods=["GET"]),
        *_PAGES,
    ]
    routes += DocumentationEndpoint(EXECUTABLE.built).routes
    routes += TokenEndpoint(resources.authenticator, resources.principal).routes
    routes += _operator_routes(resources, settings, pepper)
    lifespan = _lifespan(resources, streams, requests)
    return Application(endpoint, EventStreamEndpoint(streams), readiness, routes=routes, lifespan=lifespan)


class Application(Starlette):
    """The application; a POST to /graphql goes straight to its endpoint, as routing takes as long as a balance."""

    def __init__(
        self,
        graphql: Endpoint,
        streams: EventStreamEndpoint,
        readiness: Readiness,
        *,
        routes: Sequence[BaseRoute],
        lifespan: Lifespan[Starlette],
    ) -> None:
        super().__init__(routes=routes, lifespan=lifespan)
        self._graphql, self._streams, self._readiness = graphql, streams, readiness
        self._route = next(each for each in routes if isinstance(each, Route) and each.path == "/graphql")

    def stop_being_ready(self) -> None:
        """Answer 503 at `/ready` from now on: the process is about to end."""
        self._readiness.is_ending = True

    def build_middleware_stack(self) -> ASGIApp:
        """Build what is around all endpoints."""
        others = super().build_middleware_stack()

        async def route(scope: Scope, receive: Receive, send: Send) -> None:
            is_graphql = scope["type"] == "http" and scope["path"] in _GRAPHQL
            if is_graphql and scope["method"] in ("GET", "POST") and wants_events(scope):
                scope["route"] = self._route
                await self._streams(scope, receive, send)
            elif is_graphql and scope["method"] == "POST":
                scope["route"] = self._route
                await self._graphql(scope, receive, send)
            else:
                await others(scope, receive, send)

        return AccessLog(OneLength(route))


def _operator_routes(resources: Resources, settings: Settings | None, pepper: bytes) -> Sequence[BaseRoute]:
    operators = Operators(resources.engine, None if settings is None else settings.oidc)
    endpoint = OperatorEndpoint(resources.admission, operators, resources.operator_stores(pepper, settings))
    return SignInEndpoint(operators, endpoint, pepper=pepper).routes


def _lifespan(resources: Resources, streams: Streams, requests: RequestLog) -> Lifespan[Starlette]:
    """Hold what the application needs from its start to its end."""

    @asynccontextmanager
    async def held(_app: Starlette) -> AsyncIterator[None]:
        async with resources.open(), metered(resources):
            background = Background(
                resources.engine, resources.committers, resources.vault, calls_private=resources.calls_private
            )
            background.start()
            requests.start()
            streams.feeds.start()
            try:
                yield
            finally:
                await streams.feeds.close()
                await asyncio.to_thread(background.close)
                await asyncio.to_thread(requests.close)

    return held


def _shown(health: Health) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_request: Request) -> Response:
        found = await health.found()
        return Response(orjson.dumps(found), 200 if found["ok"] else 503, media_type="application/json")

    return answer


def _page(show: Callable[[], Response]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_request: Request) -> Response:
        return show()

    return answer


_PAGES: Final[Sequence[BaseRoute]] = (
    Route("/", _page(pages.landing), methods=["GET"]),
    Route("/guide", _page(pages.guide), methods=["GET"]),
    Route("/schema.graphql", _page(schema), methods=["GET"]),
    Route("/schema.json", _page(schema_json), methods=["GET"]),
    Mount("/static", StaticFiles(directory=pages.STATIC)),
)
