"""Card numbers (PAN), which show their first six and last four digits only.

Source: PCI DSS 4.0, requirement 3.4.1: the most that may be displayed are the issuer's number and the last four digits.
"""

from dataclasses import dataclass, field
from typing import Final

_DIGITS_MIN: Final = 13
"""A shorter number is no card's, and its first six and last four digits would tell it."""


@dataclass(frozen=True, slots=True)
class CardNumber:
    """A card number; `digits` is the secret, and every text of the value is masked."""

    digits: str = field(repr=False)

    def __str__(self) -> str:
        """Return the number with all but its first six and last four digits masked, `411111******1111`."""
        if len(self.digits) < _DIGITS_MIN:
            return "*" * len(self.digits)
        return f"{self.digits[:6]}{'*' * (len(self.digits) - 10)}{self.digits[-4:]}"

    def __repr__(self) -> str:
        """Return the masked number."""
        return f"CardNumber({self})"
