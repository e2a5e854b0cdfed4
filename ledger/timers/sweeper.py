"""The sweeper: a thread that ends what is due, of every kind of timer, also where nobody else does anything."""

import threading
from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa

from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.work import read
from ledger.timers.timers import Due, Ending, Timer, due

INTERVAL_SECONDS: Final = 1
"""How often the sweeper looks, and so about how late a thing may end in a book at rest."""


class Sweeper:
    """Looks once a second for what is due, and has it ended in the order of the instants.

    Each timer comes with the function that ends what is due of its kind in a book. Any number of sweepers may run on
    one ledger: whoever comes second finds nothing due. Close it to end its thread.
    """

    def __init__(self, engine: sa.Engine, endings: Mapping[Timer, Ending], *, clock: Clock = system_clock) -> None:
        self._engine, self._endings, self._clock = engine, endings, clock
        self._by_kind = {timer.kind: ending for timer, ending in endings.items()}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)

    def start(self) -> None:
        """Sweep from here on."""
        self._thread.start()

    def close(self) -> None:
        """End, once the book that is being swept is done."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def sweep(self) -> list[Due]:
        """Have what is due ended, once; what that was."""
        now = self._clock()
        with read(self._engine) as reader:
            found = due(reader, list(self._endings), now)
        for each in found:
            self._by_kind[each.kind](each.book_id, now)
        return found

    def _run(self) -> None:
        while not self._ended.wait(INTERVAL_SECONDS):
            try:
                self.sweep()
            except sa.exc.SQLAlchemyError:
                continue  # the store is away, or has no connection left: what is due is due a second later as well
