"""Outbound calls over HTTP: the transport that delivers the outbox's messages within a time limit."""

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

import orjson

from ledger.kernel.version import VERSION
from ledger.outbox.attempts import OutgoingCall
from ledger.outbox.calls import Answer
from ledger.outbox.records import CallFault

SECONDS_MAX: Final = 10
"""The most seconds that a call may take, from the connection to the last byte of its answer."""

_BYTES_MAX: Final = 65_536
_CONTEXT: Final = ssl.create_default_context()


def send(call: OutgoingCall) -> Answer:
    """POST the message as JSON with an `Idempotency-Key`; a receipt is a 2xx answer whose JSON object has its `id`.

    Follows no redirect and uses no proxy from the environment: only the registered address is called.
    """
    began = time.monotonic()
    try:
        with _connected(call.address) as connection:
            answer = _answer(connection, call)
    except (OSError, HTTPException, ValueError):
        answer = Answer(None, CallFault.UNREACHABLE)
    is_late = time.monotonic() - began >= SECONDS_MAX
    return Answer(None, CallFault.TIMEOUT) if answer.fault is not None and is_late else answer


@contextmanager
def _connected(address: str) -> Iterator[HTTPConnection]:
    """Open a connection that is shut down after `SECONDS_MAX`, even if the other side keeps sending single bytes."""
    parts = urlsplit(address)
    assert parts.hostname is not None, "an endpoint names a host"
    connection = (
        HTTPSConnection(parts.hostname, parts.port, timeout=SECONDS_MAX, context=_CONTEXT)
        if parts.scheme == "https"
        else HTTPConnection(parts.hostname, parts.port, timeout=SECONDS_MAX)
    )
    watchdog = threading.Timer(SECONDS_MAX, _shut, (connection,))
    watchdog.daemon = True
    watchdog.start()
    try:
        yield connection
    finally:
        watchdog.cancel()
        connection.close()


def _shut(connection: HTTPConnection) -> None:
    with suppress(OSError, AttributeError):  # the connection may be closed already, or not yet open
        connection.sock.shutdown(2)


def _answer(connection: HTTPConnection, call: OutgoingCall) -> Answer:
    parts = urlsplit(call.address)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": call.key,
        "User-Agent": f"cofferdam/{VERSION}",
        "Connection": "close",
    }
    connection.request("POST", target, body=orjson.dumps(dict(call.message)), headers=headers)
    response = connection.getresponse()
    if not 200 <= response.status < 300:  # noqa: PLR2004  # HTTP's range for success
        return Answer(response.status, CallFault.REFUSED)
    return Answer(response.status, None if _is_receipt(response, call.key) else CallFault.WRONG_RECEIPT)


def _is_receipt(response: HTTPResponse, key: str) -> bool:
    """Return whether the body is a JSON object with the call's id; a page that answers everything with 200 has none."""
    body = response.read(_BYTES_MAX)
    with suppress(ValueError, RecursionError):
        said = json.loads(body)
        return isinstance(said, dict) and said.get("id") == key
    return False
