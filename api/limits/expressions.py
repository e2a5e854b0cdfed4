"""Expressions: numbers that are known of a plan, or of its variables, put together so that only the latter are left."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Variables = Mapping[str, Any]
"""The coerced variables of a request."""

Unknown = Callable[[Variables], int]
"""Computes a number from the variables of a request."""

Number = int | Unknown


def total(numbers: Iterable[Number]) -> Number:
    """Add the numbers."""
    known, unknown = _parted(numbers)
    constant = sum(known)
    if not unknown:
        return constant
    if len(unknown) == 1:  # most often; a sum of one would cost five times as much
        (only,) = unknown
        return lambda variables: constant + only(variables)
    return lambda variables: constant + sum([each(variables) for each in unknown])


def greatest(numbers: Iterable[Number]) -> Number:
    """Return the greatest of the numbers, 0 of none."""
    known, unknown = _parted(numbers)
    constant = max(known, default=0)
    if not unknown:
        return constant
    if len(unknown) == 1 and not known:
        return unknown[0]
    return lambda variables: max([constant, *[each(variables) for each in unknown]])


def product(left: Number, right: Number) -> Number:
    """Multiply two numbers."""
    if isinstance(left, int) and isinstance(right, int):
        return left * right
    if isinstance(left, int):
        return _scaled(left, right)
    if isinstance(right, int):
        return _scaled(right, left)
    return lambda variables: left(variables) * right(variables)


def value_of(number: Number, variables: Variables) -> int:
    """Return the number for the variables of a request."""
    return number if isinstance(number, int) else number(variables)


def _scaled(constant: int, number: Number) -> Number:
    assert not isinstance(number, int)
    return lambda variables: constant * number(variables)


def _parted(numbers: Iterable[Number]) -> tuple[list[int], list[Unknown]]:
    every = list(numbers)
    known = [each for each in every if isinstance(each, int)]
    return known, [each for each in every if not isinstance(each, int)]
