"""The listener for Prometheus: answers at a loopback address of its own with the metrics of all processes."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import Final

from prometheus_client import CollectorRegistry, MetricsHandler
from prometheus_client.registry import Collector

PORT: Final = 9464
"""The port that OpenTelemetry's exporters for Prometheus listen on."""

_ACCEPT_SECONDS: Final = 0.5
_REQUEST_SECONDS: Final = 5


@contextmanager
def metrics_served(listening: socket.socket, *collectors: Collector) -> Iterator[None]:
    """Answer on a listening socket while the block runs; several processes may share it, and any of them answers."""
    registry = CollectorRegistry()
    for each in collectors:
        registry.register(each)
    server = _Server(listening, registry)
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, listening: socket.socket, registry: CollectorRegistry) -> None:
        super().__init__(listening.getsockname()[:2], _handler(registry), bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        listening.settimeout(_ACCEPT_SECONDS)  # another process may accept what this one was woken for


def _handler(registry: CollectorRegistry) -> type[MetricsHandler]:
    class Scrape(MetricsHandler.factory(registry)):  # type: ignore[misc]  # a class made by the library
        timeout = _REQUEST_SECONDS

    return Scrape
