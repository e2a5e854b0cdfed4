"""Commit notifications: sent after a commit, so that followers of the journal check at once, not at the next tick.

They are optional: followers check at every tick in any case. They are sent after the commit, in a statement of their
own: a NOTIFY inside the transaction would make PostgreSQL serialise all commits of the server, even those of unrelated
books.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Final

import psycopg
import sqlalchemy as sa

from ledger.journal.journal import driver
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.ids import BookId

_CHANNEL: Final = "cofferdam_journal"

QUIET: Final = timedelta(milliseconds=100)
"""The time after a notification in which none follows: a steady stream is read every tick, and needs none."""

_FAULTS: Final = (psycopg.Error, sa.exc.SQLAlchemyError)


class CommitNotifier:
    """Sends the notifications of one writer."""

    def __init__(self, engine: sa.Engine, *, clock: Clock = system_clock) -> None:
        self._engine: Final = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._clock: Final = clock
        self._notified_at = clock() - QUIET

    def notify(self) -> None:
        """Notify followers, unless they were notified a moment ago; errors of the store are ignored."""
        now = self._clock()
        if abs(now - self._notified_at) < QUIET:
            return
        self._notified_at = now
        with suppress(*_FAULTS), self._engine.connect() as connection:
            driver(connection).execute(f"NOTIFY {_CHANNEL}")


class CommitListener:
    """Waits for notifications on a connection of its own."""

    def __init__(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        self._connection: Final = connection

    def wait(self, timeout: timedelta) -> bool:
        """Wait for a notification, at most `timeout`; return whether one came.

        Raises `psycopg.OperationalError` if the connection is lost.
        """
        return any(True for _ in self._connection.notifies(timeout=timeout.total_seconds(), stop_after=1))


@contextmanager
def listening_for_commits(connection: sa.Connection) -> Iterator[CommitListener]:
    """Listen for notifications on a connection in autocommit mode."""
    raw = driver(connection)
    raw.execute(f"LISTEN {_CHANNEL}")
    yield CommitListener(raw)


def newest_positions(connection: sa.Connection) -> dict[BookId, int]:
    """Return the newest position of every book, in one statement."""
    rows = driver(connection).execute("SELECT book_id, last_seq FROM book_heads", binary=True).fetchall()
    return dict(rows)  # type: ignore[arg-type]  # the driver types a row's values as objects
