"""Batch loading: what a request asks for one by one is read for all that are asked for at once, and once.

Resolvers run one after the other, so that nothing can wait for the next key to come. The keys are known beforehand
instead: those of the other nodes of a page, and those of the other fields beside an alias.
"""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from api.context import Call

_K = TypeVar("_K", bound=Hashable)
_R = TypeVar("_R")
_V = TypeVar("_V")


def loaded(
    call: Call, what: Hashable, keys: Collection[_K], read: Callable[[Sequence[_K]], Mapping[_K, _V]]
) -> Mapping[_K, _V | None]:
    """Return the values of the keys at the snapshot of the request, None for what there is not.

    Calls `read` once, with the keys that this request has not read before, and not at all if there are none.
    """
    known: dict[_K, _V | None] = call.loaded.setdefault(what, {})
    missing = [key for key in dict.fromkeys(keys) if key not in known]
    if missing:
        found = read(missing)
        known.update((key, found.get(key)) for key in missing)
    return known


def loaded_once(call: Call, what: Hashable, read: Callable[[], _V]) -> _V:
    """Return what `read` returns at the snapshot of the request; it is called once."""
    if what not in call.loaded:
        call.loaded[what] = read()
    value: _V = call.loaded[what]
    return value


def position(call: Call) -> int:
    """Return the position of the snapshot of the request."""
    return loaded_once(call, "position", call.position)


def shown_of_each(found: Mapping[_K, Sequence[_R]], show: Callable[[Sequence[_R]], Sequence[_V]]) -> dict[_K, list[_V]]:
    """Show the rows of all keys at once, so that what they refer to is read together, and part them by key again."""
    nodes = iter(show([row for rows in found.values() for row in rows]))
    return {key: [next(nodes) for _ in rows] for key, rows in found.items()}


class Siblings(Generic[_K]):
    """The keys of a page's nodes, and the values read for them so far."""

    def __init__(self, keys: Sequence[_K]) -> None:
        self.keys = keys
        self._known: dict[Hashable, Mapping[_K, Any]] = {}

    def of(self, key: _K, what: Hashable, read: Callable[[Sequence[_K]], Mapping[_K, _V]]) -> _V:
        """Return the value for `key`; the first call for `what` calls `read` with all keys of the page."""
        if what not in self._known:
            self._known[what] = read(self.keys)
        found: _V = self._known[what][key]
        return found
