"""The cache: keeps the values used last, as many as fit into a number of bytes."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


class Cache(Generic[_K, _V]):
    """Values by key, each with an estimate of its bytes; threads share it."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._lock = Lock()
        self._kept: OrderedDict[_K, tuple[_V, int]] = OrderedDict()
        self._bytes = 0

    def get(self, key: _K) -> _V | None:
        """Return the value of the key, which is now the one used last; None if it is not kept."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: _K, value: _V, size_bytes: int) -> None:
        """Keep the value, and drop those not used for longest until all fit; one that never fits is not kept."""
        if size_bytes > self._bytes_max:
            return
        with self._lock:
            self._drop(key)
            self._kept[key] = value, size_bytes
            self._bytes += size_bytes
            while self._bytes > self._bytes_max:
                self._drop(next(iter(self._kept)))

    def _drop(self, key: _K) -> None:
        _, size_bytes = self._kept.pop(key, (None, 0))
        self._bytes -= size_bytes
