"""A peer over real HTTP on loopback: answers, fails, hangs, drips or lies as it is told, and notes what it got."""

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Way(StrEnum):
    WELL = "well"
    FAILS = "fails"
    HANGS = "hangs"
    DRIPS = "drips"
    ANSWERS_TWICE = "answers twice"
    BREAKS_OFF = "breaks off"
    REDIRECTS = "redirects"
    GONE = "gone"
    FLOODS = "floods"


@dataclass
class Peer:
    """Its address, how it behaves from here on, and the keys and messages that it got and accepted, in their order."""

    address: str = ""
    way: Way = Way.WELL
    ways: list[Way] = field(default_factory=list)
    got: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    sent: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)
    retry_after: str | None = None
    redirects_to: str | None = None
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def keys(self) -> list[str]:
        return [key for key, _ in self.got]


@contextmanager
def peer(tls: ssl.SSLContext | None = None) -> Iterator[Peer]:
    told = Peer()
    with _Server(told) as server:
        scheme, host = ("http", "127.0.0.1") if tls is None else ("https", "localhost")
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        told.address = f"{scheme}://{host}:{server.server_address[1]}/hook?from=ledger"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield told
        finally:
            told.ended.set()
            server.shutdown()
            thread.join()


class _Answering(BaseHTTPRequestHandler):
    server: "_Server"
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        told, key = self.server.told, self.headers["webhook-id"]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        told.got.append((key, json.loads(body)))
        told.sent.append((dict(self.headers), body))
        told.connections.add(self.client_address)
        way = told.ways.pop(0) if told.ways else told.way
        getattr(self, f"_{way.name.lower()}")(key)

    def log_message(self, *_said: object) -> None:
        """Say nothing."""

    def _well(self, key: str) -> None:
        self.server.told.accepted.append(key)
        self._send(200, b"thanks")

    def _fails(self, _key: str) -> None:
        self._send(503, b"busy")

    def _gone(self, _key: str) -> None:
        self._send(410, b"")

    def _hangs(self, _key: str) -> None:
        self.server.told.ended.wait(60)

    def _drips(self, _key: str) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not self.server.told.ended.wait(0.05):
            self.wfile.write(b"x")

    def _answers_twice(self, key: str) -> None:
        self._well(key)
        self._send(500, b"no, it was not")

    def _breaks_off(self, _key: str) -> None:
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")

    def _redirects(self, _key: str) -> None:
        self.send_response(302)
        self.send_header("Location", self.server.told.redirects_to or self.server.told.address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _floods(self, _key: str) -> None:
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        until = time.monotonic() + 5
        while time.monotonic() < until:
            self.wfile.write(b" " * 65_536)

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        if self.server.told.retry_after is not None:
            self.send_header("Retry-After", self.server.told.retry_after)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, told: Peer) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.told = told

    def handle_error(self, *_: Any) -> None:
        """The caller hung up, as it should."""
