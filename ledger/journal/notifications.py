"""The bell: writers ring it after a commit, so that who follows the journal looks at once and not at the next tick.

It is a courtesy, and nothing depends on it: followers look every tick in any case. So it is rung after the commit, in a
statement of its own: a NOTIFY inside the transaction would make PostgreSQL commit one at a time in the whole server,
books that have nothing to do with each other included.
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
_QUIET: Final = timedelta(milliseconds=100)  # a steady stream is cut every tick: it needs no bell

_FAULTS: Final = (psycopg.Error, sa.exc.SQLAlchemyError)


class Bell:
    """The writer's end."""

    def __init__(self, engine: sa.Engine, *, clock: Clock = system_clock) -> None:
        self._engine: Final = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._clock: Final = clock
        self._rang_at = clock() - _QUIET

    def ring(self) -> None:
        """Say that the journal has news, unless that was said a moment ago; a store that fails now is passed over."""
        now = self._clock()
        if abs(now - self._rang_at) < _QUIET:
            return
        self._rang_at = now
        with suppress(*_FAULTS), self._engine.connect() as connection:
            driver(connection).execute(f"NOTIFY {_CHANNEL}")


class Listener:
    """The follower's end."""

    def __init__(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        self._connection: Final = connection

    def wait(self, patience: timedelta) -> None:
        """Wait until the bell rings, at most so long. Raises `psycopg.OperationalError` when the connection is lost."""
        for _ in self._connection.notifies(timeout=patience.total_seconds(), stop_after=1):
            return


@contextmanager
def listening(connection: sa.Connection) -> Iterator[Listener]:
    """Hear the bell on a connection that commits each statement by itself."""
    raw = driver(connection)
    raw.execute(f"LISTEN {_CHANNEL}")
    yield Listener(raw)


def newest_positions(connection: sa.Connection) -> dict[BookId, int]:
    """The newest position of every book, in one look."""
    rows = driver(connection).execute("SELECT book_id, last_seq FROM book_heads", binary=True).fetchall()
    return dict(rows)  # type: ignore[arg-type]  # the driver types a row's values as objects
