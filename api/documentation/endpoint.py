"""The routes of the documentation; pages are rendered in a thread, so that no other request waits for them."""

import asyncio
from typing import Final

import orjson
from graphql import GraphQLSchema
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from api.documentation.site import Site
from api.pages import SECURITY

_HEADERS: Final = {**SECURITY, "Cache-Control": "no-cache"}
_NOT_FOUND: Final = "There is no such page; /docs has them all.\n"


class DocumentationEndpoint:
    """Answers at `/docs` and below, and at `/llms.txt`; it needs no key, as the schema is public."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._site: Final = Site(schema)

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes."""
        return [
            Route("/docs", self._page, methods=["GET"]),
            Route("/docs/search.json", self._index, methods=["GET"]),
            Route("/docs/{path:path}", self._page, methods=["GET"]),
            Route("/llms.txt", self._outline, methods=["GET"]),
        ]

    async def _page(self, request: Request) -> Response:
        path = request.path_params.get("path", "")
        if path == "" and request.url.path.endswith("/"):
            return RedirectResponse("/docs", status_code=308)
        page = await asyncio.to_thread(self._site.page, path)
        if page is not None:
            return HTMLResponse(page, headers=_HEADERS)
        source = self._site.source(path)
        if source is not None:
            return FileResponse(source, media_type="text/plain", headers=_HEADERS)
        return PlainTextResponse(_NOT_FOUND, 404, headers=_HEADERS)

    async def _index(self, _request: Request) -> Response:
        found = await asyncio.to_thread(lambda: [tuple(each) for each in self._site.index])
        return Response(orjson.dumps(found), headers=_HEADERS, media_type="application/json")

    async def _outline(self, _request: Request) -> Response:
        return PlainTextResponse(await asyncio.to_thread(self._site.outline), headers=_HEADERS)
