"""The clock: the only place that asks what time it is."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Anything that gives an aware UTC instant when asked."""


def system_clock() -> datetime:
    """The instant now, aware, in UTC."""
    return datetime.now(UTC)
