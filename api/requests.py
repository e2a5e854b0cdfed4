"""GraphQL requests over HTTP: parses a POST body or a GET query, strictly and within limits.

The rules are those of the GraphQL-over-HTTP specification; a violation is a `BadRequest` with its status.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import orjson
from starlette.datastructures import Headers
from starlette.requests import Request

from api.bodies import read_body
from ledger.kernel.errors import Refusal

BODY_BYTES_MAX: Final = 100_000
_BODY_SECONDS: Final = 5
JSON: Final = "application/json"
GRAPHQL_JSON: Final = "application/graphql-response+json"


class BadRequest(Refusal):
    """The request violates the protocol; `status` is the HTTP status of the answer."""

    code = "bad_request"
    status: ClassVar[int] = 400


class NotAcceptable(BadRequest):
    """The caller accepts none of the available media types."""

    status = 406


class TooLarge(BadRequest):
    """The body exceeds the size limit."""

    status = 413


class TooSlow(BadRequest):
    """The body did not arrive within the time limit."""

    status = 408


class WrongMethod(BadRequest):
    """A mutation was sent by GET."""

    status = 405


class UnsupportedMediaType(BadRequest):
    """The body has an unsupported media type."""

    status = 415


@dataclass(frozen=True, slots=True)
class Operation:
    """A parsed request: the document, its variables, the operation's name, and whether it may be a mutation."""

    query: str
    variables: Mapping[str, Any] | None
    operation_name: str | None
    may_change: bool


_TOO_LARGE: Final = TooLarge(f"a request has at most {BODY_BYTES_MAX:,} bytes")
_PLAIN: Final = frozenset({JSON, GRAPHQL_JSON})


def accepted(headers: Headers) -> str:
    """Return the media type of the answer. Raises `NotAcceptable`."""
    asked = headers.get("accept", "*/*").lower()
    if asked in _PLAIN:
        return asked
    for each in asked.split(","):
        media_type, *parameters = [part.strip() for part in each.split(";")]
        charsets = [part for part in parameters if part.startswith("charset=")]
        if any(charset != "charset=utf-8" for charset in charsets):
            continue
        if media_type in (JSON, GRAPHQL_JSON):
            return media_type
        if media_type in ("*/*", "application/*", ""):
            return JSON
    raise NotAcceptable(f"answers are {GRAPHQL_JSON} or {JSON}, in UTF-8")


async def read_operation(request: Request) -> Operation:
    """Parse the request. Raises `BadRequest`."""
    if request.method != "POST":
        return _from_query(request.query_params)
    _require_json(request.headers)
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            body = await read_body(request, BODY_BYTES_MAX, _TOO_LARGE)
    except TimeoutError:
        raise TooSlow(f"the body did not arrive within {_BODY_SECONDS} seconds") from None
    return operation_of(_parse(body, "the body"), may_change=True)


def operation_of(shape: Any, *, may_change: bool) -> Operation:
    """Return the operation that a JSON value asks for. Raises `BadRequest`."""
    if not isinstance(shape, dict):
        raise BadRequest('the request must be one JSON object: {"query": "…", "variables": {…}}')
    query, name = shape.get("query"), shape.get("operationName")
    if not isinstance(query, str) or not query:
        raise BadRequest("query must be the text of a GraphQL document")
    if name is not None and not isinstance(name, str):
        raise BadRequest("operationName must be a string")
    for member in ("variables", "extensions"):
        if not isinstance(shape.get(member), dict | None):
            raise BadRequest(f"{member} must be an object")
    return Operation(query, shape.get("variables"), name or None, may_change)


def _require_json(headers: Headers) -> None:
    content_type = headers.get("content-type", "").lower()
    if content_type == JSON:
        return
    media_type, *parameters = [part.strip() for part in content_type.split(";")]
    in_utf8 = all(part in ("charset=utf-8", 'charset="utf-8"', "") for part in parameters)
    if media_type != JSON or not in_utf8:
        raise UnsupportedMediaType(f"send the request as Content-Type: {JSON}, in UTF-8")


def _from_query(parameters: Mapping[str, str]) -> Operation:
    shape: dict[str, Any] = dict(parameters)
    for name in ("variables", "extensions"):
        if name in parameters:
            shape[name] = _parse(parameters[name].encode("utf-8", "replace"), name)
    return operation_of(shape, may_change=False)


def _parse(text: bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadRequest(f"{what} is not JSON") from None
