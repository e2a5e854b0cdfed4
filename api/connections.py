"""The state of a request's connection, as uvicorn knows it: to ask `receive` would wait, or need a timer.

`receive` is a method of uvicorn's own cycle of a request and its answer. Under another server nothing is known, and
everything is waited for.
"""

from starlette.types import Receive


def has_body(receive: Receive) -> bool:
    """Return True if the whole body has arrived, so that the next `receive` gives it at once."""
    return getattr(_cycle(receive), "more_body", None) is False


def has_left(receive: Receive) -> bool:
    """Return True if the client is known to have gone away."""
    return getattr(_cycle(receive), "disconnected", None) is True


def _cycle(receive: Receive) -> object:
    return getattr(receive, "__self__", None)
