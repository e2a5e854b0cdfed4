"""Deprecations: fields that have a replacement, with the date from which they may be removed."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

import strawberry

DEPRECATED_FOR: Final = timedelta(days=180)
"""The time for which a field is deprecated at least, from the first version that says so until it may be removed."""

_REMOVED_FROM: Final = date(2027, 6, 1)
_DATED: Final = re.compile(r"It may be removed from (\d{4}-\d{2}-\d{2}) on\.")


def replaced_by(replacement: str, removed_from: date = _REMOVED_FROM) -> str:
    """Return the reason of a deprecation."""
    return f"Use `{replacement}`. It may be removed from {removed_from} on."


def deprecated_for(replacement: str) -> Callable[[Callable[[Any], object]], Any]:
    """Make a method a field that is replaced by another."""
    return lambda method: strawberry.field(method, deprecation_reason=replaced_by(replacement))


def removed_from(reason: str | None) -> date | None:
    """Return the date in the reason of a deprecation; None if it is none of ours."""
    found = None if reason is None else _DATED.search(reason)
    return None if found is None else date.fromisoformat(found[1])
