"""Buckets: the points that each partner has, refilled with time, in one process."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from threading import Lock
from typing import Final, NamedTuple

from api.limits.refusals import CostTooHigh, RateLimited
from ledger.kernel.ids import PartnerId
from ledger.kernel.metrics import Counter

BUCKETS_EMPTIED: Final = Counter(
    "cofferdam_buckets_emptied_total", "Requests for which their partner's bucket had too few points."
)

_PARTNERS_MAX: Final = 10_000
_DEBT: Final = 10


@dataclass(frozen=True, slots=True)
class Allowance:
    """The points of one partner: the most that one request may cost, the most saved up, those restored per second.

    Of several processes, each has an equal part; none has less saved up than one request may cost.
    """

    ceiling: int = 15_000
    capacity: int = 300_000
    restored_per_second: int = 100_000

    def __post_init__(self) -> None:
        assert 0 < self.ceiling <= self.capacity, self
        assert self.restored_per_second > 0, self

    @classmethod
    def restoring(cls, points_per_second: int) -> "Allowance":
        """Return the allowance with this rate, of which three seconds can be saved up."""
        ceiling = cls().ceiling
        return cls(ceiling, max(ceiling, 3 * points_per_second), points_per_second)

    def shared(self, processes: int) -> "Allowance":
        """Return the part of one of several processes."""
        capacity = max(self.ceiling, self.capacity // processes)
        return Allowance(self.ceiling, capacity, max(1, self.restored_per_second // processes))


class Charge(NamedTuple):
    """A cost that was paid, and what is left."""

    requested: int
    available: int


@dataclass(slots=True)
class _Bucket:
    points: float
    filled_at: float


class Buckets:
    """A token bucket per partner; threads share it.

    A full bucket is not kept: a partner that has none has all its points. Beyond 10,000 partners the bucket that was
    not used for longest is dropped.
    """

    def __init__(self, allowance: Allowance, clock: Callable[[], float] = time.monotonic) -> None:
        self.allowance: Final = allowance
        self._clock: Final = clock
        self._lock: Final = Lock()
        self._by_partner: Final[OrderedDict[PartnerId, _Bucket]] = OrderedDict()

    def take(self, partner_id: PartnerId, cost: int) -> Charge:
        """Take the cost of a request. Raises `CostTooHigh`, and `RateLimited` with the wait until it can be taken."""
        self.require_payable(cost)
        with self._lock:
            bucket = self._filled(partner_id)
            if bucket.points < cost:
                BUCKETS_EMPTIED.of().add()
                raise self._limited(cost, bucket.points)
            bucket.points -= cost
            return Charge(cost, int(bucket.points))

    def charge(self, partner_id: PartnerId, points: int) -> None:
        """Take points for what is known only afterwards, such as refusals; a debt is at most ten times the capacity."""
        with self._lock:
            bucket = self._filled(partner_id)
            bucket.points = max(bucket.points - points, -_DEBT * self.allowance.capacity)

    def require_payable(self, cost: int) -> None:
        """Refuse a cost that no request may have. Raises `CostTooHigh`."""
        if cost > self.allowance.ceiling:
            raise CostTooHigh(
                f"this costs {cost:,} points, and a request at most {self.allowance.ceiling:,}: ask for smaller pages, "
                "fewer fields, or send it in several requests"
            )

    def __len__(self) -> int:
        return len(self._by_partner)

    def _filled(self, partner_id: PartnerId) -> _Bucket:
        """Return the bucket of the partner with what was restored since, as the one used last."""
        now, allowance = self._clock(), self.allowance
        bucket = self._by_partner.pop(partner_id, None) or _Bucket(allowance.capacity, now)
        restored = (now - bucket.filled_at) * allowance.restored_per_second
        bucket.points, bucket.filled_at = min(bucket.points + restored, allowance.capacity), now
        self._by_partner[partner_id] = bucket
        self._forget_full(now)
        return bucket

    def _forget_full(self, now: float) -> None:
        """Drop the bucket that was not used for longest, if it is full by now, or if there are too many."""
        partner_id, oldest = next(iter(self._by_partner.items()))
        seconds = (_DEBT + 1) * self.allowance.capacity / self.allowance.restored_per_second
        if now - oldest.filled_at > seconds or len(self._by_partner) > _PARTNERS_MAX:
            del self._by_partner[partner_id]

    def _limited(self, cost: int, points: float) -> RateLimited:
        wait = ceil((cost - points) / self.allowance.restored_per_second)
        return RateLimited(
            f"this costs {cost:,} points and {max(0, int(points)):,} are left, restored at "
            f"{self.allowance.restored_per_second:,} per second: send it again after {wait} s",
            wait,
        )
