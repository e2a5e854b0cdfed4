"""The context of a request: its principal, its one database snapshot, and its access to the committers."""

import asyncio
import threading
import time
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import cached_property
from typing import Any, Final, Self, TypeVar

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from api.errors import note, store_refusal
from api.requests import Operation
from api.row_reads import NotOneRow, RowReads
from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.results import Outcome, ResultKind
from ledger.book.posting.committer import Committer
from ledger.book.reading.references import position_of_id
from ledger.journal.fact_orders import FactOrder
from ledger.journal.partner_heads import NEWEST, Newest, ordinals, position_of_ordinal
from ledger.journal.position_tokens import token_of
from ledger.kernel.errors import InvalidInput, Refusal, Unavailable
from ledger.kernel.faults import told
from ledger.kernel.ids import BookId
from ledger.kernel.log_context import bind
from ledger.kernel.row_query import RowQuery
from ledger.kernel.tracing import TRACING
from ledger.kernel.waiting import blocking, wait, wait_for_future
from ledger.kernel.work import Reader, Work, begin, read
from ledger.public_ids import public
from ledger.tenancy.api_keys import Principal, scoped_to_key
from ledger.tenancy.idempotency import Answer, Request, once
from ledger.vault.vault import Vault

_WAIT_SECONDS: Final = 2
_LOOK_SECONDS: Final = 0.05
_LOOK_SECONDS_MAX: Final = 0.4
"""Pauses between two looks at the position: twice as long each time, since most positions are there at once."""

_COMMIT_TIMEOUT: Final = timedelta(seconds=60)

_OPENING: Final = RowQuery(scoped_to_key(NEWEST.text), NEWEST.read_row, NEWEST.parameters)
"""Narrows a snapshot to its caller, and reads its position."""

_T = TypeVar("_T")

Repeat = Callable[[Operation], dict[str, Any]]
"""Executes an operation, and returns its result."""


class PositionNotReached(Refusal):
    """The book has not reached the position that the caller asked for."""

    code = "position_not_reached"


def ordinals_told(orders: Sequence[TransferOrder], outcomes: Sequence[Outcome]) -> dict[int, int]:
    """Return the ordinals of the positions at which orders were recorded now, as their outcomes tell them."""
    return {
        outcome.seq: outcome.recording.heads.ordinal(order.partner_id, outcome.seq)
        for order, outcome in zip(orders, outcomes, strict=True)
        if outcome.seq is not None and outcome.recording is not None
    }


class Committers:
    """One group committer per book, started at the book's first transfer; `close` ends their threads."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._by_book: dict[BookId, Committer] = {}

    def post(self, book_id: BookId, orders: Sequence[TransferOrder], facts: FactOrder | None = None) -> list[Outcome]:
        """Post the orders of one request beside those of others; one outcome each, durable. Raises `Unavailable`.

        The facts are in the same commit, if it created every order.
        """
        outcomes = self._posted(self._of(book_id).submit(orders, facts))
        if positions := [outcome.seq for outcome in outcomes if outcome.seq is not None]:
            bind(position=max(positions))
        return outcomes

    def record(self, book_id: BookId, facts: FactOrder) -> None:
        """Record facts that are not money beside the orders of others, durably. Raises `Unavailable`."""
        self._posted(self._of(book_id).submit((), facts))

    @property
    def are_alive(self) -> bool:
        """Return whether all of their threads run."""
        with self._lock:
            return all(committer.is_alive for committer in self._by_book.values())

    def close(self) -> None:
        """Write what is queued, then end the threads."""
        with self._lock:
            for committer in self._by_book.values():
                committer.close()
            self._by_book.clear()

    def _posted(self, answer: Future[list[Outcome]]) -> list[Outcome]:
        try:
            with TRACING.span("wait for commit"):
                return wait_for_future(answer, _COMMIT_TIMEOUT)
        except TimeoutError:
            raise Unavailable(
                "the ledger did not answer in time; send the same request again to learn what became of it"
            ) from None

    def _of(self, book_id: BookId) -> Committer:
        with self._lock:
            if book_id not in self._by_book:
                self._by_book[book_id] = Committer(self._engine, book_id)
            return self._by_book[book_id]


class NeedsSnapshot(BaseException):
    """A request that was taken for a single read asks for more: it is executed anew, on a snapshot.

    `is_lasting` if the same document always will; not if its arguments, or an outage, are the reason. It is no
    `Exception`, so that it is not taken for an error of the field that asked; nor is `KeyRevoked`.
    """

    def __init__(self, *, is_lasting: bool = True) -> None:
        super().__init__()
        self.is_lasting: Final = is_lasting


class KeyRevoked(BaseException):
    """The caller's key is not valid any more: nothing of the request is answered."""


class Snapshot:
    """The one database snapshot of a request, opened at its first read and narrowed to the caller."""

    def __init__(self, engine: sa.Engine, principal: Principal) -> None:
        self._engine, self._principal = engine, principal
        self._stack = ExitStack()
        self._opened: tuple[sa.Connection, Newest] | None = None
        self.loaded: dict[Hashable, Any] = {}
        """All that was read on this snapshot by `api.graphql.loaders`, empty again when it is released."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        self.release()

    @property
    def connection(self) -> sa.Connection:
        """A read-only connection at one position for all that is read. Raises `KeyRevoked` and `Unavailable`."""
        return self._open()[0]

    @property
    def newest(self) -> Newest:
        """The position of the snapshot, and the number of the caller's own facts. Raises like `connection`."""
        return self._open()[1]

    def release(self) -> None:
        """Return the connection to the pool; the next read takes a newer snapshot."""
        self._opened = None
        self.loaded.clear()
        self._stack.close()

    def _open(self) -> tuple[sa.Connection, Newest]:
        """Open a connection. Raises `Unavailable`, which a mutation that is done already answers with."""
        if self._opened is None:
            try:
                self._opened = self._narrowed_anew()
            except sa.exc.DBAPIError as fault:
                note(fault)
                raise store_refusal(fault) from fault
        return self._opened

    def _narrowed_anew(self) -> tuple[sa.Connection, Newest]:
        """Narrow a connection; if the pooled one has died since its last use, retry once on a new one."""
        try:
            return self._narrowed()
        except sa.exc.OperationalError as fault:
            self._stack.close()
            if not fault.connection_invalidated:
                raise
            return self._narrowed()

    def _narrowed(self) -> tuple[sa.Connection, Newest]:
        caller, reader = self._principal, self._stack.enter_context(read(self._engine))
        scope = {"book": caller.book_id, "partner": caller.partner_id}
        newest = _OPENING.read(reader, caller_key=caller.api_key_id, caller_hash=caller.key_hash, **scope)
        if newest is None:
            raise KeyRevoked
        return reader.connection, newest


class Call:
    """One authenticated request: its principal, its snapshot, and its way to post."""

    def __init__(  # noqa: PLR0913  # what a request is made of
        self,
        engine: sa.Engine,
        committers: Committers,
        principal: Principal,
        snapshot: Snapshot | None,
        *,
        vault: Vault,
        single: RowReads | None = None,
        charge_refusals: Callable[[int], None] | None = None,
        calls_private: bool = False,
        calls_loopback: bool = False,
        pepper: bytes = b"",
        repeat: Repeat | None = None,
    ) -> None:
        """Read on the snapshot; without one, by the one statement of `single`, and raise `NeedsSnapshot` for more.

        `charge_refusals` is called with the number of refusals of a post that stay in the journal. `calls_private`: it
        is a sandbox, whose webhooks may be sent to private addresses; `calls_loopback`: to this machine. `pepper` keys
        the hashes of API keys that the request issues. `repeat` executes an earlier operation of the caller anew.
        """
        self._charge_refusals = charge_refusals
        self.principal, self.vault, self.pepper = principal, vault, pepper
        self.calls_private, self.calls_loopback = calls_private, calls_loopback
        self._repeat: Final = repeat
        self._engine, self._committers, self._snapshots = engine, committers, snapshot
        self._single = single
        self._loaded: dict[Hashable, Any] = {}
        self._ordinals: dict[int, int] = {}
        self._deadline: float | None = None

    @property
    def book_id(self) -> BookId:
        """The book of the caller's key."""
        return self.principal.book_id

    @property
    def actor(self) -> str:
        """The actor that the journal records for this request: the caller's key, by its public id."""
        return public("api_key", self.principal.api_key_id)

    @property
    def loaded(self) -> dict[Hashable, Any]:
        """All that this request has read of its snapshot so far, for `api.graphql.loaders`."""
        return self._loaded if self._snapshots is None else self._snapshots.loaded

    @property
    def _snapshot(self) -> Snapshot:
        if self._snapshots is None:
            raise NeedsSnapshot
        return self._snapshots

    @cached_property
    def cursor_cipher(self) -> AESSIV:
        """The cipher of the caller's cursors, which no other partner's can be read by."""
        return self.vault.derived_cipher(self.book_id, "cursors", self.principal.partner_id)

    def one(self, query: RowQuery[_T], min_position: int | None = None, **asked: object) -> _T | None:
        """Return the row of the caller's book and partner, on a snapshot at the token `min_position` or later.

        Where the whole request needs one row, this is its only statement; where there is none, it may look for another.
        """
        scope = {"book": self.book_id, "partner": self.principal.partner_id}
        if self._single is None or min_position is not None:
            return query.read(self.reader(min_position), **scope, **asked)
        try:
            found = wait(self._single.read(self.principal, query, scope | asked))
        except NotOneRow as fault:
            raise NeedsSnapshot(is_lasting=False) from fault
        if found is not None:
            self._single = None
        return found

    def reader(self, min_position: int | None = None) -> Reader:
        """Return a reader of the caller's partner, on a snapshot at the token `min_position` or later.

        The token is given by its ordinal. Waits up to two seconds, summed over all fields of the request; then raises
        `PositionNotReached`.
        """
        if self._snapshots is None and min_position is not None:
            raise NeedsSnapshot(is_lasting=False)
        pause = _LOOK_SECONDS
        while min_position is not None and (reached := self._newest().ordinal) < min_position:
            now = time.monotonic()
            self._deadline = self._deadline or now + _WAIT_SECONDS
            self._snapshot.release()
            if now >= self._deadline:
                raise PositionNotReached(
                    f"your newest position is {token_of(reached)}, {token_of(min_position)} is still to come"
                )
            wait(asyncio.sleep(pause))
            pause = min(2 * pause, _LOOK_SECONDS_MAX)
        return Reader(self._snapshot.connection, self.principal.partner_id)

    def reach(self, min_position: int | None) -> None:
        """Wait until the snapshot is at `min_position` or later, like `reader`; without a position, open none."""
        if min_position is not None:
            self.reader(min_position)

    def position(self) -> int:
        """Return the position of the snapshot."""
        return self._newest().seq

    def position_of(self, ordinal: int) -> int:
        """Return the position that a token stands for, once it is reached. Raises `PositionNotReached`."""
        position = position_of_ordinal(self.reader(ordinal), self.book_id, ordinal)
        assert position is not None, "a snapshot that has reached an ordinal has its position"
        self.learn_ordinals({position: ordinal})
        return position

    def ordinals(self, positions: Collection[int]) -> Mapping[int, int]:
        """Return the ordinals that the tokens of positions are made of; one statement reads those not known yet."""
        if missing := [each for each in positions if each not in self._ordinals]:
            self.learn_ordinals(ordinals(self.reader(), self.book_id, missing))
        return self._ordinals

    def learn_ordinals(self, known: Mapping[int, int]) -> None:
        """Keep the ordinals of positions, by which nothing needs to be read for their tokens."""
        self._ordinals.update(known)

    def once(self, key: str, content: Mapping[str, object], do: Callable[[Work], int]) -> Answer:
        """Do what the caller asks under a key the first time; return the position of its result, now as then.

        `content` is all that was asked, in JSON values. A refusal of `do` that depends on the book is bound to the key
        too. Later reads see the result. Raises what `do` raises, `IdempotencyConflict` if the key was used for
        something else, and `Unavailable`.
        """
        asked = Request(self.book_id, self.principal.partner_id, key, content)
        return self.blocking(lambda _engine: once(self._work, asked, do, taken_at=position_of_id))

    def in_work(self, do: Callable[[Work], _T]) -> _T:
        """Do something in a unit of work of the caller; later reads see its result. Raises `Unavailable`."""

        def in_one(_engine: sa.Engine) -> _T:
            with self._work() as work:
                return do(work)

        return self.blocking(in_one)

    def repeat(self, operation: Operation) -> dict[str, Any]:
        """Execute an earlier operation of the caller anew, and return its result; later reads see what it changed.

        An operation that is executed so repeats no other. Raises `InvalidInput`, and what limits a request.
        """
        if self._repeat is None:
            raise InvalidInput("a request that is replayed replays no other")
        self._snapshot.release()
        return self._repeat(operation)

    def blocking(self, flow: Callable[[sa.Engine], _T]) -> _T:
        """Run a flow that begins its own units of work on an engine; later reads see their results."""
        self._snapshot.release()  # no connection is held while the flow waits for one of its own
        return blocking(lambda: flow(self._engine))

    def _newest(self) -> Newest:
        found = self._snapshot.newest
        self.learn_ordinals({found.seq: found.ordinal})
        return found

    @contextmanager
    def _work(self) -> Iterator[Work]:
        """Begin a unit of work of the caller. Raises `Unavailable`."""
        try:
            with begin(self._engine, actor=self.actor, partner_id=self.principal.partner_id) as work:
                yield work
        except sa.exc.DBAPIError as fault:
            if (refusal := told(fault, "the ledger's store failed; send the same request again")) is None:
                raise
            raise refusal from fault

    def post(self, orders: Sequence[TransferOrder]) -> list[Outcome]:
        """Post the orders of this request as the caller's; one outcome each, once durable. Raises `Unavailable`."""
        self._snapshot.release()  # no connection is held while the commit is awaited
        outcomes = self._committers.post(self.book_id, [order._replace(actor=self.actor) for order in orders])
        self.learn_ordinals(ordinals_told(orders, outcomes))
        if self._charge_refusals is not None:
            self._charge_refusals(sum(each.result.kind is ResultKind.LASTING for each in outcomes))
        return outcomes
