"""HTTP load: kept-alive connections that each send the next request when the last one is answered."""

import asyncio
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from itertools import cycle
from typing import Final, NamedTuple, cast

import psutil
import uvloop

RequestMaker = Callable[[random.Random], bytes]
"""Returns a complete HTTP/1.1 request."""

_DISTINCT: Final = 2_000
"""The number of requests that are made in advance and sent in turn, so that the load itself takes little CPU."""

_WARMING_SECONDS: Final = 1.0


class Server(NamedTuple):
    """A server on this machine: the port that it listens on, and its process."""

    port: int
    pid: int


class Load(NamedTuple):
    """The result of a load: requests per second, the latency of each in ms, the CPU of the server, the last body."""

    rate: float
    latencies_ms: list[float]
    cpu_us: float
    """Microseconds of CPU per request, of the measured process and its children."""
    body: bytes


def graphql_request(body: Mapping[str, object], key: str) -> bytes:
    """Return a GraphQL request with an API key as HTTP/1.1."""
    sent = json.dumps(body).encode()
    head = f"POST /graphql HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nContent-Length: {len(sent)}"
    return f"{head}\r\nContent-Type: application/json\r\nAccept: application/json\r\n\r\n".encode() + sent


def recurring(make: RequestMaker) -> Iterator[bytes]:
    """Make some requests in advance, and return them in turn without end."""
    chance = random.Random(1)
    return cycle([make(chance) for _ in range(_DISTINCT)])


def load(
    server: Server,
    requests: Iterator[bytes],
    *,
    connections: int,
    seconds: float,
    allowed: Sequence[int] = (HTTPStatus.OK,),
) -> Load:
    """Send requests for some seconds; each answer must have an allowed status."""
    statuses = tuple(b"HTTP/1.1 %d" % status for status in allowed)
    uvloop.run(_load(server.port, requests, connections, _WARMING_SECONDS, statuses=statuses))
    before = _cpu_seconds(server.pid)
    latencies, taken, body = uvloop.run(_load(server.port, requests, connections, seconds, statuses=statuses))
    cpu_us = (_cpu_seconds(server.pid) - before) / len(latencies) * 1e6
    return Load(len(latencies) / taken, latencies, cpu_us, body)


class _Conversation(asyncio.Protocol):
    """One connection: sends a request, takes the whole answer, and begins anew until its time is over."""

    def __init__(
        self,
        requests: Iterator[bytes],
        ends_at: float,
        latencies: list[float],
        statuses: tuple[bytes, ...],
    ) -> None:
        self.ended: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._requests, self._ends_at, self._latencies = requests, ends_at, latencies
        self._statuses = statuses
        self._received = b""
        self._asked_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._received += data
        try:
            self._take()
        except Exception as fault:  # noqa: BLE001  # the loop would only log it, and wait
            self.ended.set_exception(fault)

    def _take(self) -> None:
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator or len(body) < _content_length(head):
            return
        assert head.startswith(self._statuses), self._received
        now = time.perf_counter()
        self._latencies.append((now - self._asked_at) * 1000)
        self._received = b""
        if now < self._ends_at:
            self._ask()
        else:
            self.ended.set_result(body)
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(exc or ConnectionError("the server closed the connection"))

    def _ask(self) -> None:
        request = next(self._requests)
        self._asked_at = time.perf_counter()
        self._transport.write(request)


async def _load(
    port: int, requests: Iterator[bytes], connections: int, seconds: float, *, statuses: tuple[bytes, ...]
) -> tuple[list[float], float, bytes]:
    loop, latencies = asyncio.get_running_loop(), list[float]()
    started = time.perf_counter()
    conversations = [_Conversation(requests, started + seconds, latencies, statuses) for _ in range(connections)]
    for each in conversations:
        await loop.create_connection(lambda each=each: each, "127.0.0.1", port)  # type: ignore[misc]  # of this turn
    bodies = await asyncio.gather(*(each.ended for each in conversations))
    return latencies, time.perf_counter() - started, bodies[0]


def _cpu_seconds(server: int) -> float:
    process = psutil.Process(server)
    return sum(sum(each.cpu_times()[:2]) for each in (process, *process.children(recursive=True)))


def _content_length(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    return int(next(line for line in lines if line.startswith(b"content-length:")).split(b":")[1])
