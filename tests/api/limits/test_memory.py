"""Distinct documents and dropped sockets leave a server's memory as it was; a real process is measured."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest
import sqlalchemy as sa

from ledger.kernel.settings import Settings
from ledger.kernel.work import begin
from ledger.tenancy.api_keys import issue
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from tests.api.limits.test_deadlines import eventually

PEPPER = bytes(range(32))
CALLERS = 8
DOCUMENTS = int(os.environ.get("DOCUMENTS", "800"))
"""As many as find it; `make soak` sends 10,000."""


@dataclass
class Server:
    port: int
    key: str
    process: psutil.Process

    async def ask(self, documents: Iterator[str]) -> None:
        """Send the documents over a few connections."""
        headers = {"Authorization": f"Bearer {self.key}"}
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=30, verify=False
        ) as http:

            async def caller() -> None:
                for document in documents:
                    response = await http.post("/graphql", json={"query": document})
                    assert response.status_code == 200, response.text

            await asyncio.gather(*(caller() for _ in range(CALLERS)))

    def drop(self, number: int) -> None:
        """Drop sockets in the middle of a request."""
        for _ in range(number):
            with socket.create_connection(("127.0.0.1", self.port)) as client:
                client.sendall(f"POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.key}\r\n".encode())

    def bytes(self) -> int:
        return self.process.memory_info().rss


@pytest.fixture
def server(database_url: str, engine: sa.Engine, tmp_path: Path) -> Iterator[Server]:
    with begin(engine, actor="test") as work:
        book_id = open_book(work, name="books", jurisdiction="US", currency="USD")
        (partner_id,) = register_partners(work, book_id, [PartnerOrder("shop", "Shop", Vertical.RETAIL)]).values()
        key = issue(work, book_id, partner_id, pepper=PEPPER)
    settings = Settings.from_env({"COFFERDAM_HOME": str(tmp_path), "COFFERDAM_DATABASE_URL": database_url})
    settings.secrets.write_text(json.dumps({"pepper": PEPPER.hex()}))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = settings.child_environ() | settings.credentials() | {"COFFERDAM_POINTS_PER_SECOND": "100000000"}
    command = [sys.executable, "-I", "-m", "cofferdam", "serve", "--port", str(port), "--workers", "1"]
    started = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: _answers(port) or started.poll() is not None)
        assert started.poll() is None, "the server ended before it answered"
        (worker,) = psutil.Process(started.pid).children()
        yield Server(port, key, worker)
    finally:
        started.terminate()
        started.wait(20)


def documents(first: int, last: int) -> Iterator[str]:
    return (f"query Q{number} {{ me {{ id a{number}: name externalRef vertical }} }}" for number in range(first, last))


@pytest.mark.slow
def test_distinct_documents_and_dropped_sockets_leave_the_memory_as_it_was(server):
    asyncio.run(server.ask(documents(0, 300)))
    server.drop(50)
    before = server.bytes()

    asyncio.run(server.ask(documents(300, 300 + DOCUMENTS)))
    server.drop(DOCUMENTS // 10)

    assert server.bytes() < 1.1 * before


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False, verify=False).status_code == 200
    except httpx.TransportError:
        return False
