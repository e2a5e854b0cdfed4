"""Background threads of the API: run the journal's consumers, end holds and vault tokens that expire, send calls."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from api.context import Committers
from api.errors import note
from api.webhook_deliveries import Deliveries
from ledger.book.posting.open_holds import HOLD_TIMER
from ledger.flows.deliveries import Outbox
from ledger.flows.registry import CONSUMERS
from ledger.journal.consumers import Consumer, advance
from ledger.journal.follower import Follower
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.errors import Unavailable
from ledger.kernel.faults import STORE_FAULTS, told
from ledger.kernel.ids import BookId
from ledger.outbox.consumers import WAITING_CALLS
from ledger.outbox.waiting_calls import CALL_TIMER
from ledger.timers.sweeper import Sweeper
from ledger.timers.timers import Ending, Timer
from ledger.vault.vault import Vault
from ledger.vault_tokens.erasure import expire_tokens
from ledger.vault_tokens.timers import TOKEN_TIMER


class Background:
    """The API's background threads; they use the requests' committers, so that facts share the batches of transfers.

    Any number of processes may run them. An error ends only its own step, which is tried again.
    """

    def __init__(  # what it works with, and how
        self,
        engine: sa.Engine,
        committers: Committers,
        vault: Vault,
        *,
        clock: Clock = system_clock,
        calls_private: bool = False,
    ) -> None:
        """With `calls_private`, for sandboxes, webhooks are sent to private addresses too."""
        self._engine: Final = engine
        self._committers: Final = committers
        self._vault: Final = vault
        self._clock: Final = clock
        outbox = Outbox(engine, vault, committers.record, clock)
        self._deliveries: Final = Deliveries(outbox, calls_private=calls_private)
        self._follower: Final = Follower(engine, CONSUMERS, self._advance)
        endings: dict[Timer, Ending] = {
            HOLD_TIMER: self._post_due,
            CALL_TIMER: self._deliver,
            TOKEN_TIMER: self._expire,
        }
        self._sweeper: Final = Sweeper(engine, endings, clock=clock)

    def start(self) -> None:
        """Start the threads."""
        self._deliveries.start()
        self._follower.start()
        self._sweeper.start()

    def close(self) -> None:
        """Stop the threads, once each has finished its step."""
        for each in (self._sweeper, self._follower, self._deliveries):
            each.close()

    def _post_due(self, book_id: BookId, _now: datetime) -> None:
        """Have the holds of a book ended that are due."""
        _step(f"ending the holds of book {book_id}", lambda: self._committers.post(book_id, []))

    def _expire(self, book_id: BookId, now: datetime) -> None:
        """Have the vault tokens of a book ended that are due, and their keys destroyed."""
        record = self._committers.record
        _step(
            f"ending the vault tokens of book {book_id}",
            lambda: expire_tokens(self._engine, self._vault, book_id, now, record=record),
        )

    def _deliver(self, book_id: BookId, _now: datetime) -> None:
        self._deliveries.wake(book_id)

    def _advance(self, consumer: Consumer, book_id: BookId) -> bool:
        record, clock = self._committers.record, self._clock
        name = f"consumer {consumer.name} of book {book_id}"
        has_moved = bool(_step(name, lambda: advance(self._engine, consumer, book_id, record, clock=clock)))
        if has_moved and consumer is WAITING_CALLS:
            self._deliveries.wake(book_id)
        return has_moved


def _step(what: str, do: Callable[[], object]) -> object:
    """Run one step. Returns None if it failed; the error is logged."""
    try:
        return do()
    except Exception as fault:  # noqa: BLE001  # the edge: a bug becomes a line in the log
        _note(fault, what)
        return None


def _note(fault: Exception, what: str) -> None:
    """Log a bug; do not log an outage of the store, after which the step is tried again."""
    is_passing = isinstance(fault, Unavailable)
    if isinstance(fault, STORE_FAULTS):
        is_passing = isinstance(told(fault, ""), Unavailable)
    if not is_passing:
        note(fault, what)
