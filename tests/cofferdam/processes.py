"""Processes of an installation for tests: a partner with its key, and commands that run beside the test."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

import httpx
import psutil
import sqlalchemy as sa

from cofferdam.runtime.ports import held_port
from cofferdam.runtime.secrets import pepper
from ledger.kernel.ids import BookId
from ledger.kernel.settings import Settings
from ledger.kernel.work import begin
from ledger.tenancy.api_keys import issue
from ledger.tenancy.books import open_book
from ledger.tenancy.partners import PartnerOrder, register_partners
from ledger.tenancy.records import Vertical
from tests import warm
from tests.api.conftest import OPEN


@dataclass(frozen=True)
class Shop:
    """A partner of a book, with the key of its application."""

    book_id: BookId
    key: str

    def ask(self, port: int, query: str, headers: Mapping[str, str] | None = None, **variables: Any) -> httpx.Response:
        """Send an operation on a connection of its own."""
        own = {"Authorization": f"Bearer {self.key}", **(headers or {})}
        body = {"query": query, "variables": variables}
        return httpx.post(
            f"http://127.0.0.1:{port}/graphql", json=body, headers=own, timeout=30, trust_env=False, verify=False
        )

    def open_accounts(self, port: int, *refs: str) -> list[str]:
        """Open accounts, and return their ids."""
        answers = [
            self.ask(port, OPEN, input={"externalRef": ref, "currency": "USD", "kind": "EXTERNAL"}, key=ref)
            for ref in refs
        ]
        return [each.json()["data"]["openAccount"]["account"]["id"] for each in answers]


def open_shop(engine: sa.Engine, settings: Settings) -> Shop:
    with begin(engine, actor="test") as work:
        book_id = open_book(work, name="cards", jurisdiction="US", currency="USD")
        ids = register_partners(work, book_id, [PartnerOrder("shop", "Shop", Vertical.RETAIL)])
        key = issue(work, book_id, ids["shop"], pepper=pepper(settings.secrets))
    return Shop(book_id, key)


def free_port() -> int:
    with held_port(18_000 + os.getpid() % 10_000) as held:
        return int(held.getsockname()[1])


def until(holds: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


def status(port: int, path: str) -> int | None:
    """The status of the answer to a GET, or None if nobody answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()


@contextmanager
def beside(environ: Settings | Mapping[str, str], *arguments: str) -> Iterator[warm.Started]:
    """A command that runs beside the test, which ends it at the latest with all its children."""
    started = warm.started_cofferdam(environ, *arguments)
    process = psutil.Process(started.pid)
    try:
        yield started
    finally:
        with suppress(psutil.NoSuchProcess):
            for each in [process, *process.children(recursive=True)]:
                os.kill(each.pid, signal.SIGKILL)
        started.stdout.close()
