"""Locks of a book's lake: advisory locks of PostgreSQL, which end with the connection that holds them.

stream      who writes bronze and the watermark has it; who wants to exchange tables waits for it
rebuild     one rebuild of a book at a time
exchange    shared by who refreshes silver from outside of a worker, alone for who exchanges tables
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum
from typing import Final

import psycopg
import sqlalchemy as sa

from lake.errors import Fenced
from ledger.journal.journal import driver
from ledger.tenancy.records import Book

WAIT_SECONDS: Final = 120
"""How long an exchange waits for a worker that does not give way."""

_WANTED: Final = """
    SELECT EXISTS (
        SELECT FROM pg_locks
        WHERE locktype = 'advisory' AND NOT granted AND classid = %s AND objid = %s
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
"""


class Lock(IntEnum):
    """The first key of an advisory lock; the second is the book."""

    STREAM = 0x57EA
    REBUILD = 0x57EB
    EXCHANGE = 0x57EC


def try_lock(connection: sa.Connection, lock: Lock, book: Book) -> bool:
    """Take a lock for the connection, unless another one has it; whether it was taken."""
    asked = sa.select(sa.func.pg_try_advisory_lock(int(lock), book.book_id))
    return bool(connection.execute(asked).scalar_one())


def release(connection: sa.Connection, book: Book, lock: Lock = Lock.STREAM) -> None:
    """Give a lock back; a lost connection has given it back already."""
    with suppress(sa.exc.SQLAlchemyError):
        connection.execute(sa.select(sa.func.pg_advisory_unlock(int(lock), book.book_id)))


def is_wanted(connection: sa.Connection, book: Book) -> bool:
    """Whether somebody waits to exchange tables of the book that this connection streams."""
    row = driver(connection).execute(_WANTED, (int(Lock.STREAM), book.book_id)).fetchone()
    return row is not None and bool(row[0])


@contextmanager
def alone(connection: sa.Connection, book: Book) -> Iterator[None]:
    """Nobody else writes to the lake of the book: a worker gives way at its next look.

    Raises `Fenced` where one does not within two minutes.
    """
    connection.execute(sa.text(f"SET lock_timeout = '{WAIT_SECONDS}s'"))
    try:
        for lock in (Lock.STREAM, Lock.EXCHANGE):
            connection.execute(sa.select(sa.func.pg_advisory_lock(int(lock), book.book_id)))
    except sa.exc.OperationalError as fault:
        release(connection, book)
        if not isinstance(fault.orig, psycopg.errors.LockNotAvailable):
            raise
        raise Fenced(
            f"another worker streams book {book.name!r} and did not give way within {WAIT_SECONDS} s; nothing was "
            "exchanged: end it (cofferdam down), or try again"
        ) from fault
    try:
        yield
    finally:
        release(connection, book, Lock.EXCHANGE)
        release(connection, book)


def share(connection: sa.Connection, book: Book) -> None:
    """Let no table of the book be exchanged for as long as the connection lasts."""
    connection.execute(sa.select(sa.func.pg_advisory_lock_shared(int(Lock.EXCHANGE), book.book_id)))
