"""GraphQL requests over HTTP: parses a POST body or a GET query, strictly and within limits.

The rules are those of the GraphQL-over-HTTP specification; a violation is a `BadRequest` with its status.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import orjson
from starlette.datastructures import Headers
from starlette.requests import Request

from api.bodies import read_body
from api.compression import is_packed, unpacked
from api.connections import has_body
from api.media_types import GRAPHQL_JSON, JSON, accepted_media_type
from ledger.kernel.errors import Refusal

BODY_BYTES_MAX: Final = 100_000
_BODY_SECONDS: Final = 5


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


class UnsupportedCoding(UnsupportedMediaType):
    """The body is compressed in another way than can be unpacked."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A parsed request: the document, its variables, the operation's name, and whether it may be a mutation.

    `document_hash` names a trusted document, in place of `query` or beside it.
    """

    query: str
    variables: Mapping[str, Any] | None
    operation_name: str | None
    may_change: bool
    document_hash: str | None = None


_DOCUMENT_ID: Final = re.compile(r"sha256:[0-9a-f]{64}")
_TOO_LARGE: Final = TooLarge(f"a request has at most {BODY_BYTES_MAX:,} bytes")


def accepted(headers: Headers) -> str:
    """Return the media type of the answer. Raises `NotAcceptable`."""
    found = accepted_media_type(headers)
    if found is not None:
        return found
    raise NotAcceptable(f"answers are {GRAPHQL_JSON} or {JSON}, in UTF-8")


async def read_operation(request: Request) -> Operation:
    """Parse the request. Raises `BadRequest`."""
    if request.method != "POST":
        return _from_query(request.query_params)
    _require_json(request.headers)
    is_gzip = _is_gzip(request.headers)
    if has_body(request.receive):
        body = await read_body(request, BODY_BYTES_MAX, _TOO_LARGE)
    else:
        body = await _late_body(request)
    if is_gzip:
        body = _unpacked(body)
    return operation_of(_parse(body, "the body"), may_change=True)


def operation_of(shape: Any, *, may_change: bool) -> Operation:
    """Return the operation that a JSON value asks for. Raises `BadRequest`."""
    if not isinstance(shape, dict):
        raise BadRequest('the request must be one JSON object: {"query": "…", "variables": {…}}')
    query, name = shape.get("query"), shape.get("operationName")
    named = _document_hash(shape)
    if named is not None and query is None:
        query = ""
    elif not isinstance(query, str) or not query:
        raise BadRequest("query must be the text of a GraphQL document")
    if name is not None and not isinstance(name, str):
        raise BadRequest("operationName must be a string")
    for member in ("variables", "extensions"):
        if not isinstance(shape.get(member), dict | None):
            raise BadRequest(f"{member} must be an object")
    return Operation(query, shape.get("variables"), name or None, may_change, named)


async def _late_body(request: Request) -> bytes:
    """Wait for the rest of a body. Raises `TooSlow`."""
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            return await read_body(request, BODY_BYTES_MAX, _TOO_LARGE)
    except TimeoutError:
        raise TooSlow(f"the body did not arrive within {_BODY_SECONDS} seconds") from None


def _is_gzip(headers: Headers) -> bool:
    packed = is_packed(headers)
    if packed is None:
        raise UnsupportedCoding("send the body as it is, or with Content-Encoding: gzip")
    return packed


def _unpacked(body: bytes) -> bytes:
    try:
        return unpacked(body, BODY_BYTES_MAX, _TOO_LARGE)
    except ValueError as fault:
        raise BadRequest(f"{fault}, as its Content-Encoding says") from None


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


def _document_hash(shape: Mapping[str, Any]) -> str | None:
    """Return the hash of `documentId`, or of `extensions.persistedQuery`; None if there is neither."""
    named = shape.get("documentId")
    extensions = shape.get("extensions")
    persisted = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    if named is None and isinstance(persisted, dict):
        named = f"sha256:{persisted.get('sha256Hash')}"
    if named is None:
        return None
    if not isinstance(named, str) or _DOCUMENT_ID.fullmatch(named) is None:
        raise BadRequest("documentId must be sha256: and the 64 hex digits of a trusted document")
    return named.removeprefix("sha256:")
