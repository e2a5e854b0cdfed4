"""The lane: what one process remembers of a book between batches, and the posting of a batch through it.

    1. lock the head: from here to the commit nobody else writes to the book
    2. forget the accounts that other writers touched since this lane's last batch
    3. put the expiries that are due before the orders
    4. look up the accounts not remembered, and which ids are known
    5. judge, in memory
    6. write the facts, chain them, move the head; commit

What is remembered is true while the head stands where this lane left it. It is never more than a copy: whatever goes
wrong, the lane forgets all of it and begins anew from the store.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

import psycopg
import sqlalchemy as sa

from ledger.book.facts import Numbers, drafted
from ledger.book.judge import Verdict, judge
from ledger.book.lookups import (
    Driver,
    ends_with,
    next_deadline,
    read_accounts,
    read_due,
    read_partner_nos,
    read_seen,
    touched_since,
)
from ledger.book.open_holds import project
from ledger.book.orders import TransferOrder
from ledger.book.results import LASTING, RESENT, Outcome, Result
from ledger.book.state import AccountState, BookState
from ledger.book.tags import project_tags
from ledger.events import journal
from ledger.events.actors import registered_actors
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.errors import Unavailable
from ledger.kernel.ids import AccountId, AccountNo, ActorNo, BookId, PartnerId, PartnerNo
from ledger.kernel.work import Work, begin

ACCOUNTS_MAX: Final = 200_000
"""How many accounts are remembered: some 100 MB."""

EXPIRIES_MAX: Final = 8_000
"""How many holds are ended in one batch; where more are due, batches of nothing but expiries go before."""

_BEHIND_MAX: Final = 20_000
"""How far another writer may have gone before it is cheaper to forget everything."""


class Lane:
    """Posts to one book, batch by batch, for one thread at a time; any number of lanes of a book take turns."""

    _stands_at: tuple[int, bytes] | None
    _deadline: datetime | None

    def __init__(self, engine: sa.Engine, book_id: BookId, *, clock: Clock = system_clock) -> None:
        self._engine, self._book_id, self._clock = engine, book_id, clock
        self._forget()

    def post(self, orders: Sequence[TransferOrder]) -> list[Outcome]:
        """Post the orders as one batch, durably; one outcome each, in the same order. Without orders: what is due.

        Raises `Unavailable` when the store fails: then nothing of the batch was written, or all of it was, and sending
        the same orders again settles which.
        """
        try:
            while (outcomes := self._batch(orders)) is None:
                pass
        except (psycopg.OperationalError, sa.exc.OperationalError) as fault:
            self._forget()
            raise Unavailable(f"the ledger's store failed, send the same orders again: {_first_line(fault)}") from fault
        except BaseException:
            self._forget()
            raise
        return outcomes

    def _batch(self, orders: Sequence[TransferOrder]) -> list[Outcome] | None:
        """One transaction; None where so much was due that the orders wait for the next one."""
        with begin(self._engine, actor="lane", clock=self._clock) as work:
            batch = journal.open_batch(work, self._book_id)
            connection = journal.driver(work.connection)
            self._catch_up(connection, batch.head)
            due = self._due(connection, batch.recorded_at)
            is_full = len(due) == EXPIRIES_MAX
            outcomes, newest = self._judged(work, batch, due, [] if is_full else orders)
        self._stands_at = newest
        return None if is_full else outcomes[len(due) :]

    def _judged(
        self, work: Work, batch: journal.OpenBatch, due: Sequence[TransferOrder], orders: Sequence[TransferOrder]
    ) -> tuple[list[Outcome], tuple[int, bytes]]:
        """The outcomes of the expiries and of the orders, and where the head stands after the commit."""
        connection = journal.driver(work.connection)
        state = self._state(connection, batch, [*due, *orders])
        verdicts = judge(state, due, now=batch.recorded_at) if due else []
        verdicts += judge(state, orders, now=batch.recorded_at)
        written = [verdict for verdict in verdicts if verdict.result is Result.CREATED or verdict.result in LASTING]
        if not written:
            return _outcomes(verdicts, iter(())), (batch.head.last_seq, batch.head.last_hash)
        new_actors = self._number(connection, written)
        numbers = Numbers(self._actors, self._partners)
        facts = drafted(state, written, batch, numbers, first_seq=batch.first_seq + len(new_actors))
        sealed = journal.seal(work, batch, [*new_actors, *facts.drafts], imported_until_at=state.imported_until_at)
        if project(connection, self._book_id, written, facts.positions, numbers):
            self._deadline = next_deadline(connection, self._book_id)
        project_tags(connection, self._book_id, written, facts.positions, numbers=numbers)
        return _outcomes(verdicts, iter(facts.positions)), (sealed.last_seq, sealed.hash)

    def _state(self, connection: Driver, batch: journal.OpenBatch, orders: Sequence[TransferOrder]) -> BookState:
        state = BookState(
            self._accounts,
            closed_until_on=batch.head.closed_until_on,
            imported_until_at=batch.head.imported_until_at,
            partners=self._partners,
        )
        read_seen(connection, self._book_id, state, orders)
        strangers = {order.partner_id for order in orders if order.across_partners} - self._partners.keys()
        if strangers:
            self._partners.update(read_partner_nos(connection, self._book_id, strangers))
        held = [hold.order for hold in state.holds.values()]
        named = [account_id for order in (*orders, *held) for account_id in order[2:4]]
        accounts = self._accounts
        missing = {account_id for account_id in named if account_id.int not in accounts}
        if missing:
            self._make_room(len(missing), keep=named)
            for account in read_accounts(connection, self._book_id, missing):
                accounts[account.account_id.int] = account
                self._keys[account.account_no] = account.account_id.int
        return state

    def _number(self, connection: Driver, written: Sequence[Verdict]) -> list[journal.Draft]:
        """Learn the numbers of the actors of a batch; the facts that register those that are new."""
        actors = {verdict.order.actor for verdict in written} - self._actors.keys()
        if not actors:
            return []
        numbers, drafts = registered_actors(connection, self._book_id, actors)
        self._actors.update(numbers)
        return drafts

    def _due(self, connection: Driver, until: datetime) -> list[TransferOrder]:
        """The expiries that are due; the store is asked only when the earliest deadline has come."""
        if self._deadline is None or self._deadline > until:
            return []
        return read_due(connection, self._book_id, until=until, limit=EXPIRIES_MAX)

    def _catch_up(self, connection: Driver, head: journal.Head) -> None:
        """Forget what other writers changed behind this lane's last batch, or everything where that is much."""
        here = (head.last_seq, head.last_hash)
        if self._stands_at == here:
            return
        seq, digest = self._stands_at or (0, b"")
        if head.last_seq - seq > _BEHIND_MAX or not ends_with(connection, self._book_id, seq, digest):
            self._forget()
        else:
            numbers, ids = touched_since(connection, self._book_id, seq)
            keys = [account_id.int for account_id in ids]
            for key in [*keys, *(self._keys[number] for number in numbers & self._keys.keys())]:
                self._drop(key)
        self._deadline = next_deadline(connection, self._book_id)

    def _make_room(self, count: int, *, keep: Iterable[AccountId]) -> None:
        surplus = len(self._accounts) + count - ACCOUNTS_MAX
        if surplus > 0:
            kept = {account_id.int for account_id in keep}
            for key in list(islice((key for key in self._accounts if key not in kept), surplus)):
                self._drop(key)

    def _drop(self, key: int) -> None:
        if (account := self._accounts.pop(key, None)) is not None:
            del self._keys[account.account_no]

    def _forget(self) -> None:
        self._stands_at = None
        self._deadline = None
        self._accounts: dict[int, AccountState] = {}
        self._keys: dict[AccountNo, int] = {}
        self._partners: dict[PartnerId, PartnerNo] = {}
        self._actors: dict[str, ActorNo] = {}


def _outcomes(verdicts: Sequence[Verdict], positions: Iterator[int]) -> list[Outcome]:
    """One outcome per verdict; `positions` are of those that were written now, in their order.

    A resend beside its first sending has that one's position, which the judge could not know.
    """
    outcomes: list[Outcome] = []
    here: dict[int, int] = {}
    for verdict in verdicts:
        result, effect, seq = verdict.result, verdict.effect, verdict.seq
        if effect is not None or result in LASTING:
            here[verdict.order.transfer_id.int] = seq = next(positions)
        elif seq is None and result in RESENT:
            seq = here.get(verdict.order.transfer_id.int)
        outcomes.append(Outcome(result, seq, verdict.original, None if effect is None else effect.amount_minor))
    return outcomes


def _first_line(fault: Exception) -> str:
    return str(fault).strip().split("\n", 1)[0]
