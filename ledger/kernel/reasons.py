"""Reasons: why an operator changed something, as the fact of the change keeps it."""

from typing import Final

from ledger.kernel.errors import InvalidInput

REASON_MAX: Final = 500
"""The longest reason, in characters."""


def require_reason(reason: str) -> None:
    """Raise `InvalidInput` unless somebody said why."""
    if not 1 <= len(reason.strip()) <= len(reason) <= REASON_MAX:
        raise InvalidInput(f"say why, in 1 to {REASON_MAX} characters")
