"""HTTP load: kept-alive connections that each send the next request when the last one is answered."""

import asyncio
import random
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

RequestMaker = Callable[[random.Random], bytes]
"""Returns a complete HTTP/1.1 request."""


class Load(NamedTuple):
    """The result of a load: requests per second, the latency of each in ms, and the last body."""

    rate: float
    latencies_ms: list[float]
    body: bytes


def load(port: int, make: RequestMaker, *, connections: int, seconds: float) -> Load:
    """Send requests to a local server for some seconds; every answer must have status 200."""
    return asyncio.run(_load(port, make, connections, seconds))


async def _load(port: int, make: RequestMaker, connections: int, seconds: float) -> Load:
    latencies: list[float] = []
    started = time.perf_counter()
    bodies = await asyncio.gather(
        *(
            _converse(port, partial(make, random.Random(seed)), started + seconds, latencies)
            for seed in range(connections)
        )
    )
    return Load(len(latencies) / (time.perf_counter() - started), latencies, bodies[0])


async def _converse(port: int, make: Callable[[], bytes], ends_at: float, latencies: list[float]) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = b""
    while (asked_at := time.perf_counter()) < ends_at:
        writer.write(make())
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        body = await reader.readexactly(_content_length(head))
        latencies.append((time.perf_counter() - asked_at) * 1000)
    writer.close()
    return body


def _content_length(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    return int(next(line for line in lines if line.startswith(b"content-length:")).split(b":")[1])
