"""The commit watch: a thread that looks at the followed books after each commit, once for all that follow them."""

import time
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Final, NamedTuple

import psycopg
import sqlalchemy as sa

from ledger.flows.partner_facts import partners_seeing
from ledger.journal.notifications import QUIET, CommitListener, listening_for_commits, newest_positions
from ledger.kernel.background import BackgroundThread
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.work import Reader, read

_PATIENCE: Final = timedelta(seconds=1)
"""The interval at which it looks even without a notification."""

_TICK: Final = timedelta(milliseconds=50)
"""The interval after a notification, until none can be withheld any more."""

_POSITIONS_MAX: Final = 10_000
"""The longest range whose partners are looked up; beyond it, every partner counts as one that sees a fact of it."""

_FAULTS: Final = (sa.exc.SQLAlchemyError, psycopg.Error)


class Movement(NamedTuple):
    """New facts of a book, after one position up to another; `partners` are those that see any, None for all."""

    book_id: BookId
    after: int
    upto: int
    partners: Collection[PartnerId] | None


class CommitWatch(BackgroundThread):
    """Calls `moved` from its thread with each movement of the books that `followed` returns."""

    def __init__(
        self, engine: sa.Engine, followed: Callable[[], Collection[BookId]], moved: Callable[[Movement], None]
    ) -> None:
        self._engine, self._followed, self._moved = engine, followed, moved
        self._seen: dict[BookId, int] = {}
        super().__init__("commit-watch")

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._watch()
            except _FAULTS:
                self._ended.wait(_PATIENCE.total_seconds())  # the store is unavailable: try again after a pause

    def _watch(self) -> None:
        autocommit = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        with autocommit.connect() as connection:
            try:
                with listening_for_commits(connection) as listener:
                    self._look_on(listener)
            finally:
                connection.invalidate()  # otherwise it would keep listening in the pool

    def _look_on(self, listener: CommitListener) -> None:
        """Look after each notification, and by ticks while a writer withholds its next one."""
        ticks_until = time.monotonic()
        while not self._ended.is_set():
            self._look()
            is_steady = time.monotonic() < ticks_until
            if listener.wait(_TICK if is_steady else _PATIENCE):
                ticks_until = time.monotonic() + 2 * QUIET.total_seconds()

    def _look(self) -> None:
        followed = self._followed()
        self._seen = {book_id: seq for book_id, seq in self._seen.items() if book_id in followed}
        if not followed:
            return
        with read(self._engine) as reader:
            newest = newest_positions(reader.connection)
            for book_id in followed:
                self._tell(reader, book_id, newest[book_id])

    def _tell(self, reader: Reader, book_id: BookId, head: int) -> None:
        """Tell the movement of a book since the last look; of a book that is followed anew, all that came before."""
        after = self._seen.get(book_id, 0)
        if after == head:
            return
        partners = None
        if book_id in self._seen and head - after <= _POSITIONS_MAX:
            partners = partners_seeing(reader, book_id, after=after, upto=head)
        self._seen[book_id] = head
        self._moved(Movement(book_id, after, head, partners))
