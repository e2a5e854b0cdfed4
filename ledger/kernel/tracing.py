"""Tracing: spans around what a process does, which cost one look and do nothing until a tracer is set.

The kernel knows no library for it: the program sets a tracer when an endpoint for traces is configured. An attribute is
a number, or a word of ours: never a text of a caller, a value of a statement, or anything personal.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Final, Protocol, Self

Attribute = str | int | bool

BOOK: Final = "cofferdam.book"
POSITION: Final = "cofferdam.position"
FIRST_POSITION: Final = "cofferdam.first_position"
"""The keys of a book and of positions, by which a request leads to its batch, and a batch to its Delta commits."""


class Span(Protocol):
    """A span that has begun."""

    def set(self, key: str, value: object) -> None:
        """Set an attribute; None sets none."""


class Tracer(Protocol):
    """Makes spans below the current one of the thread or task, or below that of a caller."""

    def span(
        self, name: str, *, traceparent: str | None = None, links: Sequence[object] = ()
    ) -> AbstractContextManager[Span]:
        """Begin a span for a block; `traceparent` is the header of a caller (W3C Trace Context)."""

    def current(self) -> object | None:
        """Return the current span as a link for others, or None if it is not sampled."""

    def trace_id(self) -> str:
        """Return the id of the current trace in hex."""


class Tracing:
    """The tracer of this process, once it is set."""

    def __init__(self) -> None:
        self.tracer: Tracer | None = None

    def span(
        self, name: str, *, traceparent: str | None = None, links: Sequence[object] = ()
    ) -> AbstractContextManager[Span]:
        """Begin a span for a block."""
        if self.tracer is None:
            return _NO_SPAN
        return self.tracer.span(name, traceparent=traceparent, links=links)

    def current(self) -> object | None:
        """Return the current span as a link for others; None if there is none, or it is not sampled."""
        return None if self.tracer is None else self.tracer.current()

    def trace_id(self) -> str | None:
        """Return the id of the current trace in hex; None without a tracer."""
        return None if self.tracer is None else self.tracer.trace_id()


class _NoSpan:
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        pass

    def set(self, key: str, value: object) -> None:
        pass


_NO_SPAN: Final = _NoSpan()
TRACING: Final = Tracing()
"""The tracing of this process."""
