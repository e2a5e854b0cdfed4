"""Headers and extensions of an answer that tell a caller how many points it has left.

The headers are those of draft-ietf-httpapi-ratelimit-headers: a policy of a quota in a window, and the quota that is
left. The window is the time in which an empty bucket is full again.
"""

from functools import lru_cache
from math import ceil

from api.limits.buckets import Allowance, Charge


def rate_limit_headers(allowance: Allowance, available: int) -> dict[str, str]:
    """Return `RateLimit-Policy` and `RateLimit`, with the seconds until all points are restored."""
    full_in = ceil((allowance.capacity - available) / allowance.restored_per_second)
    return {
        "RateLimit-Policy": _policy(allowance),
        "RateLimit": f'"points";r={available};t={full_in}',
    }


@lru_cache(maxsize=8)
def _policy(allowance: Allowance) -> str:
    window = ceil(allowance.capacity / allowance.restored_per_second)
    return f'"points";q={allowance.capacity};w={window}'


def cost_extension(allowance: Allowance, charge: Charge) -> dict[str, int]:
    """Return `extensions.cost` of an answer."""
    return {
        "requested": charge.requested,
        "ceiling": allowance.ceiling,
        "available": charge.available,
        "restoredPerSecond": allowance.restored_per_second,
    }
