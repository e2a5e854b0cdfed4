"""Failed keys: how often an address has sent keys that do not exist, so that guessing is slow and seen."""

import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from math import ceil
from threading import Lock
from typing import Final

from api.limits.refusals import LimitExceeded
from ledger.kernel.metrics import Counter

KEYS_REFUSED: Final = Counter(
    "cofferdam_api_keys_refused_total", "API keys and tokens that were refused after a look-up."
)

_BURST: Final = 20
_SECONDS_EACH: Final = 3
"""An address may fail 20 times at once, and then once in three seconds."""

_ADDRESSES_MAX: Final = 10_000
_NETWORK_BITS: Final = 64
"""One caller of IPv6 has a whole network of addresses."""


class TooManyFailedKeys(LimitExceeded):
    """The address has sent too many keys that do not exist."""

    code = "too_many_failed_keys"


class FailedKeys:
    """Counts keys that failed by their address; threads share it.

    Ask it before a key is looked up that is not known already: a partner that shares its address with somebody who
    guesses keeps its access. The memory is bounded: of 10,000 addresses, the one that failed longest ago is dropped.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock: Final = clock
        self._lock: Final = Lock()
        self._free_at: Final[OrderedDict[str, float]] = OrderedDict()
        self._total = 0

    @property
    def total(self) -> int:
        """The number of keys that failed since the process began."""
        return self._total

    def require(self, address: str | None) -> None:
        """Refuse an address that failed too often. Raises `TooManyFailedKeys`."""
        over = self._free_at.get(_network(address), 0) - self._clock() - (_BURST - 1) * _SECONDS_EACH
        if over > 0:
            wait = ceil(over)
            raise TooManyFailedKeys(f"too many unknown keys from your address: try again after {wait} s", wait)

    def add(self, address: str | None) -> None:
        """Count a key of the address that failed."""
        network, now = _network(address), self._clock()
        with self._lock:
            self._total += 1
            KEYS_REFUSED.of().add()
            self._free_at[network] = max(self._free_at.pop(network, now), now) + _SECONDS_EACH
            if len(self._free_at) > _ADDRESSES_MAX:
                self._free_at.popitem(last=False)

    def __len__(self) -> int:
        return len(self._free_at)


def _network(address: str | None) -> str:
    """Return what is one caller: an IPv4 address, a network of IPv6, or whatever else names a client."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return address or ""
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(int(parsed) >> (128 - _NETWORK_BITS))
