"""Outbound calls over HTTP: the transport that delivers the outbox's messages within a time limit."""

import json
import re
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

import orjson

from api.outbound_addresses import connect
from ledger.kernel.clock import system_clock
from ledger.kernel.version import VERSION
from ledger.outbox.attempts import OutgoingCall
from ledger.outbox.calls import Answer
from ledger.outbox.endpoints import LOOPBACK_HOSTS
from ledger.outbox.records import CallFault

SECONDS_MAX: Final = 10
"""The most seconds that a call may take, from the connection to the last byte of its answer."""

_BYTES_MAX: Final = 65_536
_PAUSE_MAX: Final = timedelta(hours=24)
_SECONDS: Final = re.compile(r"[0-9]{1,9}")
_CONTEXT: Final = ssl.create_default_context()


def send(call: OutgoingCall) -> Answer:
    """POST the message as JSON with an `Idempotency-Key`; a receipt is a 2xx answer whose JSON object has its `id`.

    Follows no redirect and uses no proxy from the environment: only the registered address is called, and only if it
    leads to the public internet, or was registered as one of this machine.
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
        _CheckedHTTPSConnection(parts.hostname, parts.port, context=_CONTEXT)
        if parts.scheme == "https"
        else _CheckedHTTPConnection(parts.hostname, parts.port)
    )
    watchdog = threading.Timer(SECONDS_MAX, _shut, (connection,))
    watchdog.daemon = True
    watchdog.start()
    try:
        yield connection
    finally:
        watchdog.cancel()
        connection.close()


class _CheckedHTTPConnection(HTTPConnection):
    """A connection whose address was checked; over plain HTTP it must be one of this machine."""

    def connect(self) -> None:
        """Connect to an address of this machine."""
        self.sock = connect(self.host, self.port, is_local=self.host in LOOPBACK_HOSTS, seconds=SECONDS_MAX)


class _CheckedHTTPSConnection(HTTPSConnection):
    """An encrypted connection whose address was checked, and whose certificate names the host."""

    def connect(self) -> None:
        """Connect to a public address, then verify the certificate for the host's name."""
        self.sock = connect(self.host, self.port, is_local=False, seconds=SECONDS_MAX)
        self.sock = _CONTEXT.wrap_socket(self.sock, server_hostname=self.host)


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
        return Answer(response.status, CallFault.REFUSED, _retry_after(response.headers.get("Retry-After")))
    return Answer(response.status, None if _is_receipt(response, call.key) else CallFault.WRONG_RECEIPT)


def _retry_after(said: str | None) -> timedelta | None:
    """Return the pause that the other side asks for, in seconds or until a date; None if it says none that is valid."""
    if said is None:
        return None
    with suppress(ValueError, OverflowError):
        if _SECONDS.fullmatch(said.strip()):
            return min(timedelta(seconds=int(said)), _PAUSE_MAX)
        until = parsedate_to_datetime(said)
        pause = (until if until.tzinfo else until.replace(tzinfo=UTC)) - system_clock()
        return min(max(pause, timedelta()), _PAUSE_MAX)
    return None


def _is_receipt(response: HTTPResponse, key: str) -> bool:
    """Return whether the body is a JSON object with the call's id; a page that answers everything with 200 has none."""
    body = response.read(_BYTES_MAX)
    with suppress(ValueError, RecursionError):
        said = json.loads(body)
        return isinstance(said, dict) and said.get("id") == key
    return False
