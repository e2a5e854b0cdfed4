"""The pages of operators: their explorer, the page to sign in at, and why a sign-in failed."""

from html import escape
from string import Template
from typing import Final

import orjson
from graphql import introspection_from_schema
from starlette.responses import FileResponse, HTMLResponse, Response

from api.operators.schema import OPERATOR_SCHEMA
from api.pages import SECURITY, STATIC
from ledger.kernel.errors import Refusal

NOT_STORED: Final = {**SECURITY, "Cache-Control": "no-store"}
"""Headers of what only operators see."""


def operator_explorer() -> Response:
    """Return the GraphiQL page of the operators' schema."""
    return FileResponse(STATIC / "operators.html", headers=NOT_STORED)


def sign_in_page() -> Response:
    """Return the page to sign in at."""
    return FileResponse(STATIC / "sign_in.html", headers=NOT_STORED)


def failure_page(refusal: Refusal, status: int) -> Response:
    """Return the page that says why a sign-in failed."""
    page = Template((STATIC / "sign_in_failed.html").read_text(encoding="utf-8"))
    text = page.substitute(code=escape(refusal.code), message=escape(str(refusal)))
    return HTMLResponse(text, status, headers=NOT_STORED)


def operator_schema_json() -> Response:
    """Return the introspected schema, for the explorer."""
    found = orjson.dumps(introspection_from_schema(OPERATOR_SCHEMA.built))
    return Response(found, headers=NOT_STORED, media_type="application/json")
