"""Calls to the identity provider over HTTP: bounded in time and size, without redirects and without a proxy."""

import ssl
from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import orjson

from api.access.refusals import ProviderUnavailable
from ledger.kernel.version import VERSION

_SECONDS: Final = 10
_BYTES_MAX: Final = 262_144
_OK: Final = 200
_CONTEXT: Final = ssl.create_default_context()
_HEADERS: Final = {"Accept": "application/json", "User-Agent": f"cofferdam/{VERSION}", "Connection": "close"}


def json_at(url: str) -> Mapping[str, Any]:
    """GET a JSON object. Raises `ProviderUnavailable`."""
    status, said = _asked("GET", url, None, {})
    if status != _OK:
        raise ProviderUnavailable(f"the identity provider answers {status}; try again, or see its log")
    return said


def post_form(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, Mapping[str, Any]]:
    """POST a form, and return the status and the JSON object of the answer. Raises `ProviderUnavailable`."""
    told = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
    return _asked("POST", url, urlencode(form).encode(), told)


def _asked(method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, Mapping[str, Any]]:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with closing(_connection(parts.scheme, parts.hostname or "", parts.port)) as connection:
            connection.request(method, target, body=body, headers={**_HEADERS, **headers})
            answer = connection.getresponse()
            read = answer.read(_BYTES_MAX + 1)
        said = orjson.loads(read) if len(read) <= _BYTES_MAX else None
    except (OSError, HTTPException, ValueError) as fault:
        raise ProviderUnavailable("the identity provider does not answer; try again") from fault
    if not isinstance(said, dict):
        raise ProviderUnavailable("the identity provider does not answer with a JSON object; check its address")
    return answer.status, said


def _connection(scheme: str, host: str, port: int | None) -> HTTPConnection:
    if scheme == "https":
        return HTTPSConnection(host, port, timeout=_SECONDS, context=_CONTEXT)
    return HTTPConnection(host, port, timeout=_SECONDS)
