"""The sweeper: ends holds at their deadline also where nobody posts, by posting what is due to each book."""

import threading
from collections.abc import Callable
from typing import Final

import sqlalchemy as sa

from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.ids import BookId
from ledger.kernel.work import read

INTERVAL_SECONDS: Final = 1
"""How often the sweeper looks, and so about how late a hold may end in a book at rest."""


class Sweeper:
    """A thread that asks, once a second, which books have a hold at its deadline, and has what is due there posted.

    `post_due` submits an empty request to a book, for every batch begins with the expiries that are due; it does not
    raise. Any number of sweepers may run on one ledger: whoever comes second to a book finds nothing due, and writes
    nothing. Close it to end its thread.
    """

    def __init__(self, engine: sa.Engine, post_due: Callable[[BookId], object], *, clock: Clock = system_clock) -> None:
        self._engine, self._post_due, self._clock = engine, post_due, clock
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

    def sweep(self) -> list[BookId]:
        """Have what is due posted, once; the books that had something."""
        with read(self._engine) as reader:
            books: list[BookId] = list(reader.connection.execute(_DUE, {"now": self._clock()}).scalars())
        for book_id in books:
            self._post_due(book_id)
        return books

    def _run(self) -> None:
        while not self._ended.wait(INTERVAL_SECONDS):
            try:
                self.sweep()
            except sa.exc.SQLAlchemyError:
                continue  # the store is away, or has no connection left: what is due is due a second later as well


_DUE: Final = sa.text("""
    SELECT b.book_id FROM books b
    WHERE EXISTS (SELECT 1 FROM open_holds o WHERE o.book_id = b.book_id AND o.expires_at <= :now)
    ORDER BY b.book_id
""").bindparams(sa.bindparam("now", type_=sa.DateTime(timezone=True)))
