"""Reasons: the text in which an operator explains a change, stored with its fact."""

from typing import Final

from ledger.kernel.errors import InvalidInput

REASON_MAX: Final = 500
"""Maximum length of a reason, in characters."""


def require_reason(reason: str) -> None:
    """Raise `InvalidInput` unless the reason is given, and not too long."""
    if not 1 <= len(reason.strip()) <= len(reason) <= REASON_MAX:
        raise InvalidInput(f"say why, in 1 to {REASON_MAX} characters")
