"""Deprecations: fields that have a replacement, with the date from which they may be removed."""

from typing import Final

_REMOVED_FROM: Final = "2027-06-01"
"""More than 180 days after the fields were deprecated."""


def replaced_by(replacement: str) -> str:
    """Return the reason of a deprecation."""
    return f"Use `{replacement}`. It may be removed from {_REMOVED_FROM} on."
