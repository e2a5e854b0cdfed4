"""The ASGI application: routes requests to the endpoints, the pages and the health check, and owns the pools."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

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
from ledger.kernel.sql import APP_ROLE, PARTNER_ROLE, create_engine, create_loop_engine
from ledger.kernel.waiting import run_waiting
from ledger.vault.vault import Vault

_THREADS: Final = 24
"""The number of changes beside transfers that are made at once; fewer than the connections of the pool."""


def build_app(database_url: str, *, pepper: bytes, vault: Vault, settings: Settings | None = None) -> Starlette:
    """Build the API on the database at `database_url`; `pepper` keys the hashes of API keys, `vault` seals and opens.

    With `settings`, the health check also reports the installation's regular operations.
    The connection pools, the committers and the background threads live from startup to shutdown, which writes what is
    queued.
    """
    engine = create_engine(database_url, pre_ping=False, role=APP_ROLE)
    readers = create_loop_engine(database_url, role=PARTNER_ROLE)
    committers = Committers(engine)
    endpoint = Endpoint(engine, readers, committers, pepper=pepper, vault=vault)
    bulk = BulkEndpoint(engine, readers, committers, pepper=pepper, vault=vault)
    background = Background(engine, committers)

    async def graphql(request: Request) -> Response:
        if pages.wants_page(request):
            return pages.explorer()
        return await endpoint(request)

    async def show_health(request: Request) -> Response:
        try:
            key = bearer_key(request.headers) if "authorization" in request.headers else None
            found = await run_waiting(partial(health, readers, key, pepper=pepper))
        except Unauthenticated as refusal:
            said = {"code": refusal.code.upper(), "detail": str(refusal)}
            return Response(orjson.dumps(said), 401, CHALLENGE, "application/json")
        if settings is not None:
            found["operations"] = await asyncio.to_thread(operations, settings)
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
    return Starlette(
        routes=routes,
        middleware=[Middleware(AccessLog)],
        lifespan=lambda _app: _serving(background, committers, engine=engine, readers=readers),
    )


@asynccontextmanager
async def _serving(
    background: Background, committers: Committers, *, engine: sa.Engine, readers: sa.Engine
) -> AsyncIterator[None]:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS, "worker"))
    background.start()
    try:
        yield
    finally:
        await asyncio.to_thread(background.close)
        await asyncio.to_thread(committers.close)
        await run_waiting(readers.dispose)
        engine.dispose()


def _page(show: Callable[[], Response]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_request: Request) -> Response:
        return show()

    return answer
