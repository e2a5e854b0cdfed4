"""Empty databases, made before a test asks for one and dropped while the next tests run: neither is waited for."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from queue import PriorityQueue, SimpleQueue
from threading import Thread
from typing import Final
from uuid import uuid4

import psycopg
import sqlalchemy as sa

TEMPLATE: Final = "template"
"""The migrated database of a test server that all others are copies of."""

_SPARE: Final = 2
"""How many are kept ready: a test that works on two servers, or makes a second database, takes one more."""

_CREATE: Final = "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY"
_DROP: Final = "DROP DATABASE {} WITH (FORCE)"


@contextmanager
def empty_database(server: str) -> Iterator[str]:
    """A migrated, empty database on a server for as long as the block lasts."""
    pool = pool_of(server)
    name = pool.take()
    yield url_of(server, name)
    pool.drop(name)


def url_of(server: str, name: str) -> str:
    """The URL of a database on a server, given by the URL of another."""
    return sa.make_url(server).set(database=name).render_as_string(hide_password=False)


@cache
def pool_of(server: str) -> "DatabasePool":
    """The one pool of a server."""
    return DatabasePool(server)


class DatabasePool:
    """The databases of a server, made and dropped by a thread of its own; making comes first."""

    def __init__(self, server: str) -> None:
        self._server, self._turns = server, count()
        self._asked: PriorityQueue[tuple[int, int, str]] = PriorityQueue()
        self._ready: SimpleQueue[str | Exception] = SimpleQueue()
        for _ in range(_SPARE):
            self._ask(0, _CREATE)
        self._thread = Thread(target=self._work, name="databases", daemon=True)
        self._thread.start()

    def take(self) -> str:
        """The name of a database that nobody else uses."""
        self._ask(0, _CREATE)
        name = self._ready.get(timeout=60)
        if isinstance(name, Exception):
            raise name
        return name

    def drop(self, name: str) -> None:
        """Drop one that was taken, once there is time for it."""
        self._ask(1, _DROP, name)

    def end(self) -> None:
        """Leave what is asked for undone: the server goes, with all that it has."""
        self._ask(-1, "")
        self._thread.join(60)

    def _ask(self, rank: int, statement: str, name: str = "") -> None:
        self._asked.put((rank, next(self._turns), statement.format(name or f"t_{uuid4().hex}", TEMPLATE)))

    def _work(self) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            while statement := self._asked.get()[2]:
                try:
                    connection.execute(statement)
                except Exception as fault:  # noqa: BLE001  # raised in the thread that takes
                    self._ready.put(fault)
                else:
                    if statement.startswith("CREATE"):
                        self._ready.put(statement.split()[2])
