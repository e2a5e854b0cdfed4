"""Locks of a book's lake: PostgreSQL advisory locks, which end with the connection that holds them.

stream      held by the writer of bronze and the watermark; an exchange of tables waits for it
rebuild     held by a rebuild: one per book at a time
exchange    shared by refreshes of silver outside of a worker, exclusive for an exchange of tables
"""

import time
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
"""The time that an exchange waits for the worker to release its lock."""

_LOOK_SECONDS: Final = 0.1

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
    """Take a lock for the connection if it is free; return whether it was taken."""
    asked = sa.select(sa.func.pg_try_advisory_lock(int(lock), book.book_id))
    return bool(connection.execute(asked).scalar_one())


def lock_within(connection: sa.Connection, lock: Lock, book: Book, seconds: float) -> bool:
    """Take a lock for the connection, waiting for it if need be; return whether it was taken.

    The server needs a moment to release the locks of a process that was killed.
    """
    deadline = time.monotonic() + seconds
    while not (is_taken := try_lock(connection, lock, book)) and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
    return is_taken


def release(connection: sa.Connection, book: Book, lock: Lock = Lock.STREAM) -> None:
    """Release a lock; a lost connection has released it already."""
    with suppress(sa.exc.SQLAlchemyError):
        connection.execute(sa.select(sa.func.pg_advisory_unlock(int(lock), book.book_id)))


def is_wanted(connection: sa.Connection, book: Book) -> bool:
    """Return whether an exchange of tables waits for the book that this connection streams."""
    row = driver(connection).execute(_WANTED, (int(Lock.STREAM), book.book_id)).fetchone()
    return row is not None and bool(row[0])


@contextmanager
def alone(connection: sa.Connection, book: Book) -> Iterator[None]:
    """Exclude all other writers to the book's lake; its worker releases the lock at its next check.

    Raises `Fenced` if the worker does not within two minutes.
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
    """Prevent an exchange of the book's tables for as long as the connection lasts."""
    connection.execute(sa.select(sa.func.pg_advisory_lock_shared(int(Lock.EXCHANGE), book.book_id)))
