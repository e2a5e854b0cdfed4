"""The browser pages: the landing page and the GraphiQL explorer, from local files only."""

from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response

STATIC: Final = Path(__file__).parent / "static"

_GUIDE: Final = Path(__file__).parent.parent / "docs" / "guides" / "partners.md"

SECURITY: Final = {
    # GraphiQL's editor writes style elements at run time and has its fonts and icons in data: URLs; scripts and
    # connections stay on this origin.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' "
    "'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every page; `default-src 'none'` forbids all that is not listed."""


def wants_page(request: Request) -> bool:
    """Return whether a browser asks for the explorer page, rather than a program for an answer."""
    asks = request.method == "GET" and "query" not in request.query_params
    return asks and "text/html" in request.headers.get("accept", "")


def explorer() -> Response:
    """Return the GraphiQL page."""
    return FileResponse(STATIC / "explorer.html", headers=SECURITY)


def landing() -> Response:
    """Return the landing page, with links to the explorer, the guide and the schema."""
    return FileResponse(STATIC / "landing.html", headers=SECURITY)


def guide() -> Response:
    """Return the guide for partner developers, as plain text."""
    return FileResponse(_GUIDE, media_type="text/plain", headers=SECURITY)
