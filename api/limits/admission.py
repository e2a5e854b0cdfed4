"""Admission: lets a request of a partner in, by the points that it has left and in its turn."""

from typing import Final

from api.limits.buckets import Allowance, Buckets, Charge
from api.limits.failed_keys import FailedKeys
from api.limits.fair_queue import FairQueue, Turn
from ledger.kernel.ids import PartnerId
from ledger.kernel.metrics import Gauge

WAITING: Final = Gauge(
    "cofferdam_waiting_requests",
    "Requests that wait for their turn, by queue, at the last look.",
    queue=("queries", "large_queries", "changes"),
)

_DOCUMENT: Final = 200
_CHARACTER: Final = 5
"""The points of a document that the process does not know, and of each of its characters: it is parsed, validated and
planned first, in 20 ms for a thousand of them."""

REFUSAL: Final = 200
"""The points of a refusal that stays in the journal."""

LARGE: Final = 2_000
"""The points from which a query is large: it keeps the event loop for milliseconds, so that few of them alternate."""

BULK: Final = 100
BULK_ROW: Final = 5
"""The points of a bulk, and of a row in it: rows are posted by columns, at a tenth of the cost of a mutation's."""


class Admission:
    """The limits of one process for GraphQL requests: points, failed keys, and turns.

    Changes wait for their commit, and take no CPU meanwhile, so that far more of them run at once: they share batches.
    """

    def __init__(self, allowance: Allowance) -> None:
        self.buckets: Final = Buckets(allowance)
        self.failed_keys: Final = FailedKeys()
        self._queries: Final = FairQueue(at_once=16, at_once_each=8, waiting_each=256)
        self._large_queries: Final = FairQueue(at_once=8, at_once_each=2, waiting_each=64)
        self._changes: Final = FairQueue(at_once=1024, at_once_each=256, waiting_each=256)

    @property
    def allowance(self) -> Allowance:
        """The points that each partner has in this process."""
        return self.buckets.allowance

    def turn(self, partner_id: PartnerId, cost: int, *, is_query: bool) -> Turn:
        """Return the turn of a request: `async with` waits for it. Raises `QueueFull`."""
        if not is_query:
            return self._changes.turn(partner_id)
        return (self._queries if cost < LARGE else self._large_queries).turn(partner_id)

    def measure(self) -> None:
        """Set the gauges of the queues."""
        queues = {"queries": self._queries, "large_queries": self._large_queries, "changes": self._changes}
        for name, queue in queues.items():
            WAITING.of(name).set(queue.count_all_waiting())

    def take(self, partner_id: PartnerId, cost: int | None) -> Charge:
        """Take the cost of an operation; None, of one without a plan, counts as the most that one may cost.

        Raises `CostTooHigh` and `RateLimited`.
        """
        return self.buckets.take(partner_id, self.allowance.ceiling if cost is None else cost)

    def take_document(self, partner_id: PartnerId, length: int) -> int:
        """Take the points of a document that is not known, and return them. Raises `RateLimited`."""
        cost = min(_DOCUMENT + _CHARACTER * length, self.allowance.ceiling)
        self.buckets.take(partner_id, cost)
        return cost

    def take_bulk(self, partner_id: PartnerId) -> None:
        """Take the points of a bulk, before its rows are known. Raises `RateLimited`."""
        self.buckets.take(partner_id, BULK)

    def charge_rows(self, partner_id: PartnerId, rows: int) -> None:
        """Charge the rows of a bulk."""
        self.buckets.charge(partner_id, rows * BULK_ROW)

    def require_points(self, partner_id: PartnerId) -> None:
        """Require that the partner has no debt. Raises `RateLimited` with the wait until it has none."""
        self.buckets.take(partner_id, 0)

    def charge_events(self, partner_id: PartnerId, cost: int, events: int) -> None:
        """Charge events of a subscription that cost so much each."""
        if events:
            self.buckets.charge(partner_id, cost * events)

    def charge_refusals(self, partner_id: PartnerId, refusals: int) -> None:
        """Charge refusals that stay in the journal."""
        if refusals:
            self.buckets.charge(partner_id, refusals * REFUSAL)
