"""Dates on the command line: days, and instants with their time zone."""

from datetime import date, datetime

from ledger.kernel.errors import InvalidInput


def day(text: str) -> date:
    """Parse a day. Raises `InvalidInput`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{text!r} is not a date; write it as 2026-10-31") from None


def instant(text: str) -> datetime:
    """Parse an instant. Raises `InvalidInput` without a time zone."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise InvalidInput(f"{text!r} is not an instant with a time zone; write it as 2026-11-24T08:30:00Z")
    return read
