"""Positions in answers, which are made with those of the journal: their tokens are looked up all at once at the end."""

from collections.abc import Callable, Collection, Mapping
from contextvars import ContextVar
from typing import Any, Final

from graphql import ExecutionResult

from ledger.journal.position_tokens import token_of

_shown: Final[ContextVar[set[int] | None]] = ContextVar("positions shown", default=None)


class _Shown:
    """A position in an answer, in the place of its token."""

    __slots__ = ("position",)

    def __init__(self, position: int) -> None:
        self.position = position


def show_position(position: int) -> _Shown:
    """Put a position into the answer that is being made, in the place of its token."""
    shown = _shown.get()
    assert shown is not None, "a position is shown in an answer only"
    shown.add(position)
    return _Shown(position)


def with_tokens(
    answer: Callable[[], ExecutionResult], ordinals: Callable[[Collection[int]], Mapping[int, int]]
) -> ExecutionResult:
    """Make an answer, and put the token of each position in its place; `ordinals` looks all of them up at once."""
    shown: set[int] = set()
    before = _shown.set(shown)
    try:
        result = answer()
    finally:
        _shown.reset(before)
    if shown:
        found = ordinals(shown)
        _put(result.data, {position: token_of(found[position]) for position in shown})
    return result


def _put(value: Any, tokens: Mapping[int, str]) -> None:
    """Replace the positions within an object or a list of an answer."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        if type(each) is _Shown:
            value[key] = tokens[each.position]
        elif isinstance(each, dict | list):
            _put(each, tokens)
