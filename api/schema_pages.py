"""The pages of the public schema, for people and for tools."""

import orjson
from graphql import introspection_from_schema
from starlette.responses import PlainTextResponse, Response

from api.graphql.schema import EXECUTABLE, sdl
from api.pages import SECURITY


def schema() -> Response:
    """Return the schema in SDL, for people."""
    return PlainTextResponse(sdl(), headers=SECURITY)


def schema_json() -> Response:
    """Return the introspected schema, for tools; it is public, so that the explorer can show it without a key."""
    return Response(
        orjson.dumps(introspection_from_schema(EXECUTABLE.built)), headers=SECURITY, media_type="application/json"
    )
