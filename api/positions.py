"""Positions as partners see them: tokens that count a partner's own facts, and tell order and nothing else.

Answers are made with positions of the journal. Their tokens are looked up when an answer is whole, all at once.
"""

import re
from collections.abc import Callable, Collection, Mapping
from contextvars import ContextVar
from typing import Any, Final

from graphql import ExecutionResult

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""The digits of Crockford's base 32, which rise as text too."""

_PREFIX: Final = "pos_"
_DIGITS: Final = 13
_TOKEN: Final = re.compile(f"{_PREFIX}[0-7][{_ALPHABET}]{{{_DIGITS - 1}}}")
_VALUES: Final = {digit: value for value, digit in enumerate(_ALPHABET)}
_shown: Final[ContextVar[set[int] | None]] = ContextVar("positions shown", default=None)


class _Shown:
    """A position in an answer, in the place of its token."""

    __slots__ = ("position",)

    def __init__(self, position: int) -> None:
        self.position = position


def token_of(ordinal: int) -> str:
    """Return the token of the partner's fact with this ordinal; tokens are of one length, so that they order as text."""
    digits = (_ALPHABET[ordinal >> 5 * place & 31] for place in reversed(range(_DIGITS)))
    return _PREFIX + "".join(digits)


def ordinal_of(token: str) -> int | None:
    """Return the ordinal that a token stands for, or None if it is no token."""
    if _TOKEN.fullmatch(token) is None:
        return None
    ordinal = 0
    for digit in token[len(_PREFIX) :]:
        ordinal = ordinal << 5 | _VALUES[digit]
    return ordinal


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
