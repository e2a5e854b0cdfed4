"""Batch loading: a field that is resolved for one node of a page is read for all nodes of the page at once."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


class Siblings(Generic[_K]):
    """The keys of a page's nodes, and the values read for them so far."""

    def __init__(self, keys: Sequence[_K]) -> None:
        self._keys = keys
        self._known: dict[Hashable, Mapping[_K, Any]] = {}

    def of(self, key: _K, what: Hashable, read: Callable[[Sequence[_K]], Mapping[_K, _V]]) -> _V:
        """Return the value for `key`; the first call for `what` calls `read` with all keys of the page."""
        if what not in self._known:
            self._known[what] = read(self._keys)
        found: _V = self._known[what][key]
        return found
