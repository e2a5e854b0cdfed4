"""The book writer: posts batches to one book, and caches the state that it needs from one batch to the next.

    1. lock the head: from here to the commit nobody else writes to the book
    2. drop the cached accounts that other writers changed since this writer's last batch
    3. put the expiries that are due before the orders
    4. look up the accounts that are not cached, and the known ids
    5. judge, in memory: a large batch by columns if all of it is plain and accepted, otherwise order by order
    6. write the facts, chain them, move the head; commit

The cache is valid while the head is where this writer left it. It is only a copy: on any error the writer discards all
of it and starts again from the store.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Final

import sqlalchemy as sa

from ledger.book.columnar.decline import Decline
from ledger.book.judging.judge import Verdict, judge
from ledger.book.judging.orders import AS_HELD, TransferOrder
from ledger.book.judging.results import RESENT, Outcome, Recording
from ledger.book.judging.state import BookState
from ledger.book.posting.account_cache import AccountCache
from ledger.book.posting.columnar_posting import post_columns
from ledger.book.posting.facts import Numbers, drafted
from ledger.book.posting.open_holds import project_holds
from ledger.book.posting.queries import Driver, read_due, read_seen
from ledger.book.posting.side_facts import SideFacts, drafted_beside
from ledger.book.posting.tags import project_tags
from ledger.journal import journal
from ledger.journal.notifications import CommitNotifier
from ledger.journal.partner_runs import Owners, runs_of
from ledger.kernel.calendar import Calendar
from ledger.kernel.clock import Clock, system_clock
from ledger.kernel.faults import STORE_FAULTS, told
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.work import Work, begin

COLUMNS_FROM: Final = 32
"""The size from which a batch is tried by columns; below it, their fixed cost exceeds judging order by order."""

EXPIRIES_MAX: Final = 8_000
"""Maximum number of holds expired in one batch; if more are due, batches with expiries only are written first."""

_Posted = tuple[list[Outcome], tuple[int, bytes]]
"""The outcomes, and the head after the commit: its position and hash."""

_EFFECTIVE_ON: Final = attrgetter("effective_on")


class BookWriter:
    """Posts batches to one book, for one thread at a time; any number of writers of a book take turns."""

    def __init__(
        self,
        engine: sa.Engine,
        book_id: BookId,
        *,
        clock: Clock = system_clock,
        columns_from: int = COLUMNS_FROM,
    ) -> None:
        """Try columns on batches of at least `columns_from` orders."""
        self._engine, self._book_id, self._clock, self._columns_from = engine, book_id, clock, columns_from
        self._cache = AccountCache(book_id)
        self._notifier = CommitNotifier(engine)  # uses real time, because the clock of a unit of work is read only once

    def post(self, orders: Sequence[TransferOrder], sides: Sequence[SideFacts] = ()) -> list[Outcome]:
        """Post the orders as one durable batch; return one outcome each, in order. Without orders, post what is due.

        Side facts are recorded after the judged facts; one refused without orders of its own keeps its refusal. Raises
        `Unavailable` if the store fails: then either nothing of the batch was written or all of it, and sending the
        same orders again shows which. Raises `NotStorable` if the store refuses a value for good: nothing was written.
        """
        try:
            while (outcomes := self._batch(orders, sides)) is None:
                pass
            self._notifier.notify()
        except STORE_FAULTS as fault:
            self._cache = AccountCache(self._book_id)
            says = (str(fault).strip().splitlines() or ["it does not say why"])[0]
            if (refusal := told(fault, f"the ledger's store failed; send the same orders again: {says}")) is None:
                raise
            raise refusal from fault
        except BaseException:
            self._cache = AccountCache(self._book_id)
            raise
        return outcomes

    def _batch(self, orders: Sequence[TransferOrder], sides: Sequence[SideFacts]) -> list[Outcome] | None:
        """Write one batch in one transaction. Returns None if expired holds filled it; call again."""
        with begin(self._engine, actor="writer", clock=self._clock) as work:
            batch = journal.open_batch(work, self._book_id)
            connection = journal.driver(work.connection)
            self._remember(connection, batch.head)
            due = self._due(connection, batch.recorded_at)
            is_full = len(due) == EXPIRIES_MAX
            posted = None if due or sides else self._posted_by_columns(work, batch, orders)
            taken = ([], ()) if is_full else (orders, sides)
            outcomes, newest = posted or self._posted(work, batch, due, taken[0], sides=taken[1])
        self._cache.stands_at = newest
        return None if is_full else outcomes[len(due) :]

    def _posted_by_columns(
        self, work: Work, batch: journal.OpenBatch, orders: Sequence[TransferOrder]
    ) -> _Posted | None:
        """Post a batch of plain transfers by columns. Returns None if it is too small, or declined."""
        if len(orders) < self._columns_from:
            return None
        posted = post_columns(work, batch, self._cache, orders)
        return None if isinstance(posted, Decline) else posted

    def _posted(
        self,
        work: Work,
        batch: journal.OpenBatch,
        due: Sequence[TransferOrder],
        orders: Sequence[TransferOrder],
        *,
        sides: Sequence[SideFacts],
    ) -> _Posted:
        """Judge the expiries and orders one by one, and write the results."""
        verdicts, state = self._judged(journal.driver(work.connection), batch, due, orders)
        beside = drafted_beside(verdicts[len(due) :], sides, work, batch)
        posted = self._written(work, batch, state, verdicts, beside=beside)
        self._cache.accounts.take_back(state.accounts)
        return posted

    def _remember(self, connection: Driver, head: journal.Head) -> None:
        if not self._cache.is_at(head):
            if not self._cache.follows(connection, head):
                self._cache = AccountCache(self._book_id)
            self._cache.catch_up(connection)

    def _due(self, connection: Driver, until: datetime) -> list[TransferOrder]:
        """Return the expiries that are due; queries the store only after the earliest deadline."""
        deadline = self._cache.deadline
        if deadline is None or deadline > until:
            return []
        return read_due(connection, self._book_id, until=until, limit=EXPIRIES_MAX)

    def _judged(
        self,
        connection: Driver,
        batch: journal.OpenBatch,
        due: Sequence[TransferOrder],
        orders: Sequence[TransferOrder],
    ) -> tuple[list[Verdict], BookState]:
        """Return the verdicts on the expiries and the orders, and the state after them."""
        cache = self._cache
        state = BookState(
            {},
            closed_until_on=batch.head.closed_until_on,
            imported_until_at=batch.head.imported_until_at,
            partners=cache.partners,
            calendar=cache.calendar,
        )
        orders = [_dated(order, cache.calendar) for order in orders] if any(map(_EFFECTIVE_ON, orders)) else orders
        every = [*due, *orders]
        read_seen(connection, self._book_id, state, every)
        cache.learn_partners(connection, {order.partner_id for order in orders if order.across_partners})
        keys, held = _accounts_of(every), _accounts_of([hold.order for hold in state.holds.values()])
        cache.learn_accounts(connection, keys, _own_partners(every), beside=held)
        cache.learn_accounts(connection, held, beside=keys)
        state.accounts = cache.accounts.lend(keys | held)
        verdicts = judge(state, due, now=batch.recorded_at) if due else []
        return verdicts + judge(state, orders, now=batch.recorded_at), state

    def _written(
        self,
        work: Work,
        batch: journal.OpenBatch,
        state: BookState,
        verdicts: Sequence[Verdict],
        *,
        beside: Sequence[journal.Draft],
    ) -> _Posted:
        """Write the facts of the verdicts to the journal, with the facts beside them."""
        written = [each for each in verdicts if each.effect is not None or each.refused_hash is not None]
        if not written and not beside:
            return _outcomes(verdicts, iter(()), None), (batch.head.last_seq, batch.head.last_hash)
        connection, cache = journal.driver(work.connection), self._cache
        new_actors = cache.learn_actors(connection, {verdict.order.actor for verdict in written})
        numbers = Numbers(cache.actors, cache.partners)
        facts = drafted(state, written, batch, numbers, first_seq=batch.first_seq + len(new_actors))
        drafts = [*new_actors, *facts.drafts, *beside]
        runs = runs_of(drafts, batch.first_seq, _owners(written, facts.positions))
        sealed = journal.seal(work, batch, drafts, imported_until_at=state.imported_until_at, runs=runs)
        if project_holds(connection, self._book_id, written, facts.positions, numbers=numbers):
            cache.learn_deadline(connection)
        project_tags(connection, self._book_id, written, facts.positions, numbers=numbers)
        recording = Recording(batch.recorded_at, cache.calendar, sealed.heads)
        return _outcomes(verdicts, iter(facts.positions), recording), (sealed.last_seq, sealed.hash)


def _dated(order: TransferOrder, calendar: Calendar) -> TransferOrder:
    """Set the effective instant of an order that states an accounting date to the beginning of that date."""
    return order if order.effective_on is None else order._replace(effective_at=calendar.starts_at(order.effective_on))


def _accounts_of(orders: Sequence[TransferOrder]) -> set[int]:
    """Return the accounts that orders name, as integers; the end of a hold names none."""
    return {side.int for order in orders for side in (order.debit_account_id, order.credit_account_id)} - {AS_HELD.int}


def _own_partners(orders: Sequence[TransferOrder]) -> set[PartnerId] | None:
    """Return the partners whose accounts orders may name; None if an order may name anybody's."""
    return None if any(order.across_partners for order in orders) else {order.partner_id for order in orders}


def _owners(written: Sequence[Verdict], positions: Sequence[int]) -> Owners:
    """Return the partners of accepted transfers: who ordered each, and whose accounts it moved, by position."""
    accepted = ((each.order, each.effect, seq) for each, seq in zip(written, positions, strict=True))
    return {
        seq: {order.partner_id, effect.debit.partner_id, effect.credit.partner_id}
        for order, effect, seq in accepted
        if effect is not None
    }


def _outcomes(verdicts: Sequence[Verdict], positions: Iterator[int], recording: Recording | None) -> list[Outcome]:
    """Return one outcome per verdict; `positions` are those of the facts written now, in order.

    A resend in the same batch as its first sending gets that one's position, which the judge does not know.
    """
    outcomes: list[Outcome] = []
    here: dict[int, int] = {}
    for verdict in verdicts:
        result, effect, seq = verdict.result, verdict.effect, verdict.seq
        if is_recorded := effect is not None or verdict.refused_hash is not None:
            here[verdict.order.transfer_id.int] = seq = next(positions)
        elif seq is None and result in RESENT:
            seq = here.get(verdict.order.transfer_id.int)
        amount_minor = verdict.amount_minor if effect is None else effect.amount_minor
        outcomes.append(Outcome(result, seq, verdict.original, amount_minor, recording if is_recorded else None))
    return outcomes
