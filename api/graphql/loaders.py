"""Loaders: what one node of a page is asked for is read for all of its page at once."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


class Siblings(Generic[_K]):
    """The keys of the nodes of one page, and what was read for them."""

    def __init__(self, keys: Sequence[_K]) -> None:
        self._keys = keys
        self._known: dict[Hashable, Mapping[_K, Any]] = {}

    def of(self, key: _K, what: Hashable, read: Callable[[Sequence[_K]], Mapping[_K, _V]]) -> _V:
        """What is asked of one of them; `read` is called for the first that asks for `what`, with the keys of all."""
        if what not in self._known:
            self._known[what] = read(self._keys)
        found: _V = self._known[what][key]
        return found
