"""The ASGI application: routes requests to the endpoints, the pages and the health check, and owns the pools."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from api import pages
from api.access.token_endpoint import TokenEndpoint
from api.access_log import AccessLog
from api.background import Background
from api.bulk import BulkEndpoint
from api.endpoint import Endpoint
from api.health import Health
from api.limits.buckets import Allowance
from api.limits.framing import OneLength
from api.resources import Resources
from ledger.kernel.settings import Settings
from ledger.vault.vault import Vault


def build_app(
    database_url: str,
    *,
    pepper: bytes,
    vault: Vault,
    settings: Settings | None = None,
    allowance: Allowance = Allowance(),  # noqa: B008  # a frozen value
) -> Starlette:
    """Build the API on the database at `database_url`; `pepper` keys the hashes of API keys, `vault` seals and opens.

    With `settings`, the health check also reports the installation's regular operations. `allowance` are the points
    that each partner has in this process.
    The connection pools, the committers and the background threads live from startup to shutdown, which writes what is
    queued.
    """
    resources = Resources(database_url, pepper=pepper, vault=vault, allowance=allowance)
    endpoint, bulk, health = Endpoint(resources), BulkEndpoint(resources), Health(resources.readers, settings)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with resources.open():
            background = Background(resources.engine, resources.committers)
            background.start()
            try:
                yield
            finally:
                await asyncio.to_thread(background.close)

    async def graphql(request: Request) -> Response:
        if pages.wants_page(request):
            return pages.explorer()
        return await endpoint(request)

    async def show_health(_request: Request) -> Response:
        found = await health.found()
        return Response(orjson.dumps(found), 200 if found["ok"] else 503, media_type="application/json")

    routes: list[BaseRoute] = [
        Route("/", _page(pages.landing), methods=["GET"]),
        Route("/graphql", graphql, methods=["GET", "POST"]),
        Route("/transfers", bulk.post, methods=["POST"]),
        Route("/health", show_health, methods=["GET"]),
        Route("/guide", _page(pages.guide), methods=["GET"]),
        Route("/schema.graphql", _page(pages.schema), methods=["GET"]),
        Route("/schema.json", _page(pages.schema_json), methods=["GET"]),
        Mount("/static", StaticFiles(directory=pages.STATIC)),
    ]
    routes += TokenEndpoint(resources.authenticator).routes
    return Starlette(routes=routes, middleware=[Middleware(AccessLog), Middleware(OneLength)], lifespan=lifespan)


def _page(show: Callable[[], Response]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_request: Request) -> Response:
        return show()

    return answer
