"""The pages that a browser is shown: the landing page and the explorer GraphiQL, from local files alone."""

from pathlib import Path
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from api.graphql.schema import introspection, sdl

STATIC: Final = Path(__file__).parent / "static"

_GUIDE: Final = Path(__file__).parent.parent / "docs" / "guides" / "partners.md"

SECURITY: Final = {
    # GraphiQL's editor writes style elements while it runs and has its fonts and icons in data: URLs; scripts and
    # connections never leave this origin.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' "
    "'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every page; `default-src 'none'` closes what is not named."""


def wants_page(request: Request) -> bool:
    """Whether a browser asks to see the endpoint, rather than a program to be answered."""
    asks = request.method == "GET" and "query" not in request.query_params
    return asks and "text/html" in request.headers.get("accept", "")


def explorer() -> Response:
    """GraphiQL."""
    return FileResponse(STATIC / "explorer.html", headers=SECURITY)


def landing() -> Response:
    """Where a person who opens the address goes on from."""
    return FileResponse(STATIC / "landing.html", headers=SECURITY)


def guide() -> Response:
    """The guide for partner developers, as plain text."""
    return FileResponse(_GUIDE, media_type="text/plain", headers=SECURITY)


def schema() -> Response:
    """The schema with its descriptions, for persons."""
    return PlainTextResponse(sdl(), headers=SECURITY)


def schema_json() -> Response:
    """The schema for tools; it is public, so that the explorer can show it before it has a key."""
    return Response(orjson.dumps(introspection()), headers=SECURITY, media_type="application/json")
