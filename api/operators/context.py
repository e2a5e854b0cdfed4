"""The context of an operator's request: its session, its one database snapshot, and its way to change something."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final, Self, TypeVar
from uuid import UUID

import sqlalchemy as sa

from api.context import Committers
from api.errors import note, store_refusal
from ledger.book.judging.orders import TransferOrder
from ledger.book.judging.results import Outcome
from ledger.journal import journal
from ledger.journal.fact_orders import FactOrder
from ledger.kernel.faults import told
from ledger.kernel.ids import BookId
from ledger.kernel.settings import Settings
from ledger.kernel.waiting import blocking
from ledger.kernel.work import Reader, Work, begin, read
from ledger.tenancy.books import all_books
from ledger.tenancy.operator_changes import OperatorRequest, RecordedChange, change_once
from ledger.tenancy.operator_sessions import ActiveSession
from ledger.tenancy.records import Book
from ledger.vault.vault import Vault

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class OperatorStores:
    """The resources that operators' requests share.

    Reads go over `readers`, in the role of operators' readers, and changes over `engine` and the committers, in that of
    the application. `pepper` keys the hashes of API keys.
    """

    readers: sa.Engine
    engine: sa.Engine
    committers: Committers
    vault: Vault
    pepper: bytes
    settings: Settings | None


class OperatorCall:
    """One request of a signed-in operator; `policies` names the policies that permit each of its actions."""

    def __init__(self, stores: OperatorStores, session: ActiveSession, policies: Mapping[str, str]) -> None:
        self.stores: Final = stores
        self.session: Final = session
        self._policies: Final = policies
        self._stack = ExitStack()
        self._connection: sa.Connection | None = None
        self._loaded = dict[Hashable, Any]()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        self._release()

    @property
    def actor(self) -> str:
        """The actor that the journal records for this request."""
        return f"operator:{self.session.subject}"

    def reader(self) -> Reader:
        """Return a reader of all partners, on one snapshot for the whole request. Raises `Unavailable`."""
        if self._connection is None:
            self._connection = self._opened()
        return Reader(self._connection)

    def loaded(self, what: Hashable, load: Callable[[], _T]) -> _T:
        """Return what `load` returns on the snapshot of this request; it is called once."""
        if what not in self._loaded:
            self._loaded[what] = load()
        found: _T = self._loaded[what]
        return found

    def books(self) -> Mapping[str, Book]:
        """Return the books of this server by name."""
        return self.loaded("books", lambda: {each.name: each for each in all_books(self.reader().connection)})

    def position(self, book_id: BookId) -> int:
        """Return the position of a book on the snapshot."""
        return self.loaded(("position", book_id), lambda: journal.head(self.reader().connection, book_id).last_seq)

    def request(
        self, action: str, book_id: BookId, key: str, reason: str, *, content: Mapping[str, object]
    ) -> OperatorRequest:
        """Return a request of this operator for a change, with the policies that permit it."""
        return OperatorRequest(book_id, self.actor, key, action, content, reason, self._policies[action])

    def change(self, request: OperatorRequest, do: Callable[[Work], UUID | None]) -> RecordedChange:
        """Do what is asked once and record it, in one unit of work; later reads see it. Raises what `do` raises."""
        return self.blocking(lambda: change_once(self._work, request, do))

    def post(self, book_id: BookId, orders: Sequence[TransferOrder], facts: FactOrder) -> list[Outcome]:
        """Post orders, with facts in the same commit; later reads see the result. Raises `Unavailable`."""
        self._release()
        return self.stores.committers.post(book_id, orders, facts)

    def in_work(self, do: Callable[[Work], _T]) -> _T:
        """Do something in a unit of work that is no book's; later reads see it. Raises `Unavailable`."""

        def in_one() -> _T:
            with self._work() as work:
                return do(work)

        return self.blocking(in_one)

    def blocking(self, flow: Callable[[], _T]) -> _T:
        """Run what blocks, beside the event loop; no snapshot is held meanwhile."""
        self._release()
        return blocking(flow)

    @contextmanager
    def _work(self) -> Iterator[Work]:
        try:
            with begin(self.stores.engine, actor=self.actor) as work:
                yield work
        except sa.exc.DBAPIError as fault:
            if (refusal := told(fault, "the ledger's store failed; send the same request again")) is None:
                raise
            raise refusal from fault

    def _release(self) -> None:
        self._connection = None
        self._loaded.clear()
        self._stack.close()

    def _opened(self) -> sa.Connection:
        """Open a snapshot; once more if the pooled connection had died since its last use."""
        try:
            try:
                return self._begun()
            except sa.exc.OperationalError as fault:
                self._stack.close()
                if not fault.connection_invalidated:
                    raise
                return self._begun()
        except sa.exc.DBAPIError as fault:
            note(fault)
            raise store_refusal(fault) from fault

    def _begun(self) -> sa.Connection:
        connection = self._stack.enter_context(read(self.stores.readers)).connection
        connection.execute(_ANYTHING)
        return connection


_ANYTHING: Final = sa.text("SELECT 1")
