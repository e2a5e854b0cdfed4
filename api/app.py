"""The ASGI application: routes requests to the endpoints, the pages and the health check, and owns the pools."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import anyio.to_thread
import orjson
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from api import pages
from api.access_log import AccessLog
from api.auth import CHALLENGE, Unauthenticated, bearer_key
from api.background import Background
from api.bulk import BulkEndpoint
from api.context import Committers
from api.endpoint import Endpoint
from api.health import health, operations
from ledger.kernel.settings import Settings
from ledger.kernel.sql import APP_ROLE, PARTNER_ROLE, create_engine
from ledger.vault.vault import Vault


def build_app(database_url: str, *, pepper: bytes, vault: Vault, settings: Settings | None = None) -> Starlette:
    """Build the API on the database at `database_url`; `pepper` keys the hashes of API keys, `vault` seals and opens.

    With `settings`, the health check also reports the installation's regular operations.
    The connection pools, the committers and the background threads live from startup to shutdown, which writes what is
    queued.
    """
    engine, readers = (create_engine(database_url, pre_ping=False, role=role) for role in (APP_ROLE, PARTNER_ROLE))
    committers = Committers(engine)
    endpoint = Endpoint(engine, readers, committers, pepper=pepper, vault=vault)
    bulk = BulkEndpoint(engine, readers, committers, pepper=pepper, vault=vault)
    background = Background(engine, committers)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        background.start()
        try:
            yield
        finally:
            await anyio.to_thread.run_sync(background.close)
            await anyio.to_thread.run_sync(committers.close)
            _dispose(engine, readers)

    async def graphql(request: Request) -> Response:
        if pages.wants_page(request):
            return pages.explorer()
        return await endpoint(request)

    async def show_health(request: Request) -> Response:
        try:
            key = bearer_key(request.headers) if "authorization" in request.headers else None
            found = await anyio.to_thread.run_sync(partial(health, readers, key, pepper=pepper))
        except Unauthenticated as refusal:
            said = {"code": refusal.code.upper(), "detail": str(refusal)}
            return Response(orjson.dumps(said), 401, CHALLENGE, "application/json")
        if settings is not None:
            found["operations"] = await anyio.to_thread.run_sync(operations, settings)
        return Response(orjson.dumps(found), 200 if found["ok"] else 503, media_type="application/json")

    routes = [
        Route("/", _page(pages.landing), methods=["GET"]),
        Route("/graphql", graphql, methods=["GET", "POST"]),
        Route("/transfers", bulk.post, methods=["POST"]),
        Route("/health", show_health, methods=["GET"]),
        Route("/guide", _page(pages.guide), methods=["GET"]),
        Route("/schema.graphql", _page(pages.schema), methods=["GET"]),
        Route("/schema.json", _page(pages.schema_json), methods=["GET"]),
        Mount("/static", StaticFiles(directory=pages.STATIC)),
    ]
    return Starlette(routes=routes, middleware=[Middleware(AccessLog)], lifespan=lifespan)


def _dispose(*engines: sa.Engine) -> None:
    for engine in engines:
        engine.dispose()


def _page(show: Callable[[], Response]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_request: Request) -> Response:
        return show()

    return answer
