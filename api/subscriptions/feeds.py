"""Feeds: deliver the facts that a key's subscriptions follow, read for all of them at once."""

import asyncio
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from graphql import ExecutionResult

from api.access.refusals import Unauthenticated
from api.context import Call, KeyRevoked, Snapshot
from api.errors import BrokenInside, note
from api.graphql.loaders import position
from api.graphql.occurrences import Occurrence
from api.limits.refusals import QueueFull, RateLimited
from api.resources import Resources
from api.subscriptions.commits import CommitWatch, Movement
from api.subscriptions.subscriptions import Subscription
from ledger.flows.partner_facts import FactFilter, PartnerFact, partner_facts
from ledger.kernel.errors import Unavailable
from ledger.kernel.faults import STORE_FAULTS, told
from ledger.kernel.ids import BookId
from ledger.kernel.waiting import run_waiting, wait
from ledger.tenancy.api_keys import Principal
from ledger.tenancy.records import ApiKeyId

_FACTS_AT_ONCE: Final = 64
_EVENTS_AT_ONCE: Final = 16
"""The number of events after which the event loop goes on with others."""

_RETRY_SECONDS: Final = 0.5


_Executed = dict[tuple[int, Hashable], ExecutionResult]
"""The results of events that were executed on a snapshot, by position and by what was asked."""


class Feeds:
    """The feeds of one process, one for each key that follows anything, woken by one commit watch."""

    def __init__(self, resources: Resources) -> None:
        self._resources: Final = resources
        self._by_key: Final[dict[ApiKeyId, Feed]] = {}
        self._books: frozenset[BookId] = frozenset()
        self._tasks: Final[set[asyncio.Task[None]]] = set()
        self._watch: Final = CommitWatch(resources.engine, lambda: self._books, self._moved_elsewhere)

    def start(self) -> None:
        """Begin to watch commits."""
        self._loop = asyncio.get_running_loop()
        self._watch.start()

    async def close(self) -> None:
        """End the watch, and wait until no feed reads any more."""
        await asyncio.to_thread(self._watch.close)
        await asyncio.gather(*self._tasks)

    @contextmanager
    def following(self, principal: Principal, subscription: Subscription) -> Iterator[None]:
        """Deliver to a subscription of a key while the block runs."""
        key_id = principal.api_key_id
        feed = self._by_key.setdefault(key_id, Feed(self._resources, principal, self._tasks))
        self._note_books()
        feed.add(subscription)
        try:
            yield
        finally:
            feed.remove(subscription)
            if feed.is_idle and self._by_key.get(key_id) is feed:
                del self._by_key[key_id]
                self._note_books()

    def _note_books(self) -> None:
        self._books = frozenset(feed.book_id for feed in self._by_key.values())

    def _moved_elsewhere(self, movement: Movement) -> None:
        """Take a movement from the thread of the watch."""
        self._loop.call_soon_threadsafe(self._moved, movement)

    def _moved(self, movement: Movement) -> None:
        for feed in self._by_key.values():
            if feed.book_id == movement.book_id:
                feed.move(movement)


class Feed:
    """Delivers to the subscriptions of one key, on one snapshot for all that stand at the same position."""

    def __init__(self, resources: Resources, principal: Principal, tasks: set[asyncio.Task[None]]) -> None:
        """Keep its task in `tasks` until it has ended."""
        self._resources, self._principal, self._tasks = resources, principal, tasks
        self._subscriptions: Final[set[Subscription]] = set()
        self._woken: Final = asyncio.Event()
        self._movements = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def book_id(self) -> BookId:
        """The book of the key."""
        return self._principal.book_id

    @property
    def is_idle(self) -> bool:
        """Return whether nothing follows any more."""
        return not self._subscriptions

    def add(self, subscription: Subscription) -> None:
        """Deliver to a subscription, beginning with what is there already."""
        subscription.on_room = self._woken.set
        self._subscriptions.add(subscription)
        self._woken.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run())
            self._tasks.add(self._task)
            self._task.add_done_callback(self._tasks.discard)

    def remove(self, subscription: Subscription) -> None:
        """Deliver no more to a subscription, and end when there is none left.

        A turn is finished first: broken off half way, it would leave its connection out of the pool.
        """
        self._subscriptions.discard(subscription)
        self._woken.set()

    def move(self, movement: Movement) -> None:
        """Look at new facts of the book, or pass over them if the key's partner sees none of them."""
        if movement.partners is None or self._principal.partner_id in movement.partners:
            self._movements += 1
            self._woken.set()
            return
        for each in self._subscriptions:
            if each.position >= movement.after:
                each.reach(movement.upto)

    async def _run(self) -> None:
        while not self.is_idle:
            await self._woken.wait()
            self._woken.clear()
            while group := self._next_group():
                await self._turn(group)

    def _next_group(self) -> list[Subscription]:
        """Return the subscriptions that stand furthest back, of those that have room and are not at the end."""
        behind = [each for each in self._subscriptions if each.has_room and each.looked_at != self._movements]
        furthest = min((each.position for each in behind), default=0)
        return [each for each in behind if each.position == furthest]

    async def _turn(self, group: Sequence[Subscription]) -> None:
        """Deliver the next facts to a group, in the partner's turn; after an outage, try again."""
        admission, partner_id = self._resources.admission, self._principal.partner_id
        cost = max(each.cost for each in group)
        try:
            admission.require_points(partner_id)
            async with admission.turn(partner_id, cost, is_query=True):
                await run_waiting(self._deliver, group)
        except KeyRevoked:
            self._end(Unauthenticated("this API key was revoked"))
        except Exception as fault:  # noqa: BLE001  # the edge: a bug ends the streams, and is a line in the log
            if isinstance(fault, RateLimited | QueueFull) or _is_passing(fault):
                await asyncio.sleep(_RETRY_SECONDS)
                return
            note(fault, "a subscription")
            self._end(BrokenInside("something went wrong on our side; continue after your last position"))

    def _deliver(self, group: Sequence[Subscription]) -> None:
        """Read the facts after the group's position on one snapshot, and execute the selections of each on them."""
        movements = self._movements
        with Snapshot(self._resources.readers, self._principal) as snapshot:
            call = self._resources.call(self._principal, snapshot)
            head, facts = position(call), self._facts(call, group)
            if facts:
                call.ordinals([fact.seq for fact in facts])  # so that no event looks its own up
            is_end = len(facts) < _FACTS_AT_ONCE
            upto = head if is_end else facts[-1].seq
            executed: _Executed = {}
            for each in group:
                if self._advance(each, call, facts, executed):
                    each.reach(upto)
                    each.looked_at = movements if is_end else None

    def _facts(self, call: Call, group: Sequence[Subscription]) -> list[PartnerFact]:
        interests = [each.interest for each in group]
        kinds = {kind for each in interests for kind in each.kinds}
        accounts = {each.account_id for each in interests if each.account_id is not None}
        wanted = FactFilter(kinds, accounts)
        return partner_facts(call.reader(), call.book_id, wanted, after=group[0].position, limit=_FACTS_AT_ONCE)

    def _advance(self, each: Subscription, call: Call, facts: Sequence[PartnerFact], executed: _Executed) -> bool:
        """Add the events of a subscription; return whether its buffer took all of them."""
        new = [fact for fact in facts if each.interest.includes(fact) and fact.seq > each.position]
        taken = 0
        for fact in new:
            if not each.has_room or each not in self._subscriptions:
                break
            each.put(fact.seq, _result(each, call, Occurrence(fact, facts), executed))
            taken += 1
        self._charge(each, taken)
        return taken == len(new)

    def _charge(self, each: Subscription, events: int) -> None:
        self._resources.admission.charge_events(self._principal.partner_id, each.cost, events)

    def _end(self, reason: Exception) -> None:
        for each in self._subscriptions:
            each.end(reason)
            each.looked_at = self._movements


def _result(each: Subscription, call: Call, occurrence: Occurrence, executed: _Executed) -> ExecutionResult:
    """Execute the selections of a subscription on an occurrence, once for all that ask the same."""
    key = occurrence.fact.seq, each.shares
    if key not in executed:
        executed[key] = each.schema.execute(each.asked, call, occurrence)
        if len(executed) % _EVENTS_AT_ONCE == 0:
            wait(asyncio.sleep(0))
    return executed[key]


def _is_passing(fault: Exception) -> bool:
    """Return whether the store is unavailable, so that the same facts can be read in a moment."""
    return isinstance(told(fault, "") if isinstance(fault, STORE_FAULTS) else fault, Unavailable)
