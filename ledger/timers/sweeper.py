"""The sweeper: a thread that ends the rows that are due, of every kind of timer, even in books without traffic."""

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa

from ledger.kernel.background import BackgroundThread
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.work import read
from ledger.timers.timers import Due, Ending, Timer, due

INTERVAL_SECONDS: Final = 1
"""The interval of its checks, and so the delay with which a row may end in a book without traffic."""


class Sweeper(BackgroundThread):
    """Checks once a second for due rows, and ends them in the order of their instants.

    Each timer comes with the function that ends its due rows in a book. Any number of sweepers may run on one ledger:
    the second finds nothing due. Close it to end its thread.
    """

    def __init__(self, engine: sa.Engine, endings: Mapping[Timer, Ending], *, clock: Clock = system_clock) -> None:
        self._engine, self._endings, self._clock = engine, endings, clock
        self._by_kind = {timer.kind: ending for timer, ending in endings.items()}
        super().__init__("sweeper")

    def sweep(self) -> list[Due]:
        """End all due rows once, and return what was due."""
        now = self._clock()
        with read(self._engine) as reader:
            found = due(reader, list(self._endings), now)
        for each in found:
            self._by_kind[each.kind](each.book_id, each.now_at)
        return found

    def _run(self) -> None:
        while not self._ended.wait(INTERVAL_SECONDS):
            try:
                self.sweep()
            except sa.exc.SQLAlchemyError:
                continue  # the store is unavailable, or has no free connection: the same rows are due a second later
