"""The follower: a thread that runs the consumers of every book of a server after each commit notification."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

import psycopg
import sqlalchemy as sa

from ledger.journal.consumers import Consumer, standings
from ledger.journal.notifications import listening_for_commits
from ledger.kernel.background import BackgroundThread
from ledger.kernel.ids import BookId
from ledger.kernel.work import read

_PATIENCE: Final = timedelta(seconds=1)
"""The interval at which it checks the journal even without a notification."""

_PAUSE: Final = timedelta(milliseconds=50)
"""The pause after each turn that advanced, so that a busy book's commits are handled several at a time."""

_FAULTS: Final = (sa.exc.SQLAlchemyError, psycopg.Error)


class Follower(BackgroundThread):
    """Runs consumers until it is closed; `advance` handles the next range of one in a book, and does not raise.

    Any number of followers may run on one server: consumers take turns.
    """

    def __init__(
        self, engine: sa.Engine, consumers: Sequence[Consumer], advance: Callable[[Consumer, BookId], bool]
    ) -> None:
        self._engine, self._consumers, self._advance = engine, consumers, advance
        super().__init__("follower")

    def turn(self) -> bool:
        """Advance every consumer that is behind by one range of each book, and return whether any advanced."""
        with read(self._engine) as reader:
            behind = [each for each in standings(reader.connection, self._consumers) if each.lag]
        moved = [self._advance(each.consumer, each.book_id) for each in behind if not self._ended.is_set()]
        return any(moved)

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._follow()
            except _FAULTS:
                self._ended.wait(_PATIENCE.total_seconds())  # the store is unavailable: try again after a pause

    def _follow(self) -> None:
        autocommit = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        with autocommit.connect() as connection:
            try:
                with listening_for_commits(connection) as listener:
                    while not self._ended.is_set():
                        if self.turn():
                            self._ended.wait(_PAUSE.total_seconds())
                        else:
                            listener.wait(_PATIENCE)
            finally:
                connection.invalidate()  # otherwise it would keep listening in the pool
