"""Outbound calls over HTTP: the transport that sends webhooks over kept-alive connections, within a time limit."""

import asyncio
import re
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Final, NamedTuple, Self

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

from api.outbound_addresses import CheckedAddresses, IsAllowed, is_any, is_loopback, is_public
from ledger.kernel.clock import system_clock
from ledger.kernel.version import VERSION
from ledger.outbox.calls import Answer
from ledger.outbox.endpoint_addresses import LOOPBACK_HOSTS
from ledger.outbox.records import CallFault

SECONDS_MAX: Final = 15
"""The most seconds that a call may take, from the look-up of the host to the headers of the answer."""

CONNECTIONS_MAX: Final = 800
"""Open connections of a process to all endpoints, below the usual limit of 1,024 descriptors."""

_KEPT_SECONDS: Final = 30
_BYTES_MAX: Final = 65_536
_DRAIN_SECONDS: Final = 1
_PAUSE_MAX: Final = timedelta(hours=24)
_SECONDS: Final = re.compile(r"[0-9]{1,9}")
_HEADERS: Final = {"Content-Type": "application/json", "User-Agent": f"cofferdam/{VERSION}"}


class OutgoingCall(NamedTuple):
    """A request that the transport sends: its address, the headers of its signature, and its body."""

    address: str
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """Sends calls until it is closed, from the event loop that it was entered on.

    Only the registered address is called, without redirects, cookies or a proxy from the environment. Over TLS it is on
    the public internet; over plain HTTP it is one of this machine. With `calls_private`, for sandboxes, it may be any.
    """

    def __init__(self, *, calls_private: bool = False, tls: ssl.SSLContext | None = None) -> None:
        self._calls_private: Final = calls_private
        self._tls: Final = tls or ssl.create_default_context()

    async def __aenter__(self) -> Self:
        self._public = self._session(is_any if self._calls_private else is_public)
        self._local = self._session(is_any if self._calls_private else is_loopback)
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self._public.close()
        await self._local.close()

    async def send(self, call: OutgoingCall) -> Answer:
        """POST the body; an answer of 2xx is a receipt. Raises nothing for errors of the other side."""
        url = URL(call.address, encoded=True)
        is_secure = url.scheme == "https"
        if not is_secure and url.host not in LOOPBACK_HOSTS and not self._calls_private:
            return Answer(None, CallFault.UNREACHABLE)
        session = self._public if is_secure else self._local
        answer: Answer | None = None
        try:
            async with asyncio.timeout(SECONDS_MAX):
                async with session.post(url, data=call.body, headers=call.headers, allow_redirects=False) as response:
                    answer = _answer(response)
                    await _drain(response)
        except TimeoutError:
            answer = answer or Answer(None, CallFault.TIMEOUT)
        except (ClientError, OSError, ValueError):
            answer = answer or Answer(None, CallFault.UNREACHABLE)
        return answer

    def _session(self, is_allowed: IsAllowed) -> ClientSession:
        addresses = CheckedAddresses(is_allowed)
        connector = TCPConnector(
            ssl=self._tls,
            resolver=addresses,
            socket_factory=addresses.open_socket,
            use_dns_cache=False,
            limit=CONNECTIONS_MAX,
            keepalive_timeout=_KEPT_SECONDS,
        )
        return ClientSession(
            connector=connector,
            headers=_HEADERS,
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("Accept-Encoding",),
            timeout=ClientTimeout(),
        )


def _answer(response: ClientResponse) -> Answer:
    if 200 <= response.status < 300:  # noqa: PLR2004  # HTTP's range for success
        return Answer(response.status)
    return Answer(response.status, CallFault.REFUSED, _retry_after(response.headers.get("Retry-After")))


async def _drain(response: ClientResponse) -> None:
    """Read the rest of the answer, so that the connection is kept; one that is long or slow is closed in its place."""
    if response.content.at_eof():
        return
    async with asyncio.timeout(_DRAIN_SECONDS):
        left = _BYTES_MAX
        while left > 0 and (read := await response.content.read(left)):
            left -= len(read)


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
