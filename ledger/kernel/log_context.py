"""The log context: fields that all lines of a block have, such as the id of a request and the book that it reaches."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Final

_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})
_FIELDS: Final[ContextVar[dict[str, object] | None]] = ContextVar("log_fields", default=None)


@contextmanager
def bound(**fields: object) -> Iterator[Mapping[str, object]]:
    """Give all lines of the block these fields, beside those of the blocks around it.

    A thread that takes over the context of the block, as those of `anyio` do, shares its fields.
    """
    own = {**bound_fields(), **fields}
    token = _FIELDS.set(own)
    try:
        yield own
    finally:
        _FIELDS.reset(token)


def bind(**fields: object) -> None:
    """Add fields to the innermost block: what is learned on the way, such as who calls. Without a block, do nothing."""
    if (own := _FIELDS.get()) is not None:
        own.update(fields)


def bound_fields() -> Mapping[str, object]:
    """Return the fields of the innermost block; empty without one."""
    return _FIELDS.get() or _NOTHING
