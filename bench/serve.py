"""Serving: starts an HTTP server as a separate process for a benchmark to send to."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, NamedTuple

import sqlalchemy as sa

from bench.load import Server
from bench.programmes import Programme
from bench.servers import url_of
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin
from ledger.tenancy.api_keys import issue

_STARTS_WITHIN_SECONDS: Final = 30
_POINTS: Final = 1_000_000_000
"""Points per second of a partner, so that no benchmark measures its limit unless it is about limits."""
_PEPPER: Final = b"0" * 32


class Served(NamedTuple):
    """An API that is served, and a key of a partner."""

    server: Server
    key: str

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self.server.port


@contextmanager
def serving_api(
    engine: sa.Engine, programme: Programme, home: Path, *, workers: int = 1, points: int | None = _POINTS
) -> Iterator[Served]:
    """Start the API on an engine's database, with a key of the programme's partner; None leaves the usual limits."""
    settings = Settings.from_env({"COFFERDAM_HOME": str(home), "COFFERDAM_DATABASE_URL": url_of(engine)})
    port = free_port()
    settings.secrets.write_text(json.dumps({"pepper": _PEPPER.hex()}))
    key = issue_key(engine, programme)
    command = [sys.executable, "-I", "-m", "cofferdam", "serve", "--port", str(port), "--workers", str(workers)]
    environ = settings.child_environ() | settings.credentials()  # of a server that lasts as long as the benchmark
    environ |= {} if points is None else {"COFFERDAM_POINTS_PER_SECOND": str(points)}
    with (home / "api.log").open("ab") as log, serving(command, port, environ, log=log) as server:
        yield Served(Server(port, server.pid), key)


def issue_key(engine: sa.Engine, programme: Programme) -> str:
    """Issue a key of the programme's partner, for an API that is served."""
    with begin(engine, actor="bench") as work:
        return issue(work, programme.book_id, programme.partner_id, pepper=_PEPPER)


@contextmanager
def serving(
    command: list[str], port: int, environ: dict[str, str] | None = None, *, log: IO[bytes] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server that listens on a port, while the block runs; its errors go to a log if one is given."""
    server = subprocess.Popen(command, env=environ, stderr=log)
    try:
        _await_port(port, server)
        yield server
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    """Return a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_port(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN_SECONDS
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server ended before it answered"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("the server did not start")
