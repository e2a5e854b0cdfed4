"""Money: integer minor units of one currency, exact in every operation."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from ledger.kernel.currencies import exponent
from ledger.kernel.errors import InvalidAmount

MINOR_MAX: Final = 2**63 - 1
"""The largest amount and the largest balance: a PostgreSQL bigint."""

BOUND_MINOR_MAX: Final = 10**17
"""The largest credit line and threshold: far below the largest sum, so that the two can be added."""

_DECIMAL = re.compile(r"([+-]?)(\d+)(?:\.(\d+))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of a currency: `Money(1050, "USD")` is 10.50 US dollars."""

    minor: int
    currency: str

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """Read a decimal text exactly: `Money.parse("10.50", "USD").minor == 1050`. Raises `InvalidAmount`.

        Exponents, thousands separators and more decimals than the currency has are refused, never rounded.
        """
        match = _DECIMAL.fullmatch(text.strip())
        if match is None:
            raise InvalidAmount(f"{text!r} is not a decimal amount; write it like 1234.50")
        sign, whole, fraction = match[1], match[2], (match[3] or "")
        decimals = exponent(currency)
        if len(fraction.rstrip("0")) > decimals:
            raise InvalidAmount(f"{text!r} has more decimals than {currency} has ({decimals})")
        minor = int(whole) * 10**decimals + int(fraction.rstrip("0").ljust(decimals, "0") or "0")
        if minor > MINOR_MAX:
            raise InvalidAmount(f"{text!r} is larger than the ledger holds ({MINOR_MAX} minor units)")
        return cls(-minor if sign == "-" else minor, currency)

    def __add__(self, other: Self) -> Self:
        """Add; both must be of one currency."""
        assert self.currency == other.currency, f"{self.currency} and {other.currency} do not add"
        return type(self)(self.minor + other.minor, self.currency)

    def __sub__(self, other: Self) -> Self:
        """Subtract; both must be of one currency."""
        return self + -other

    def __neg__(self) -> Self:
        """Negate the amount."""
        return type(self)(-self.minor, self.currency)

    def __str__(self) -> str:
        """Format the amount with its decimals and currency, `-0.05 USD`."""
        return f"{self.decimal} {self.currency}"

    @property
    def decimal(self) -> str:
        """The amount as decimal text without its currency, `-0.05`."""
        decimals = exponent(self.currency)
        digits = str(abs(self.minor)).rjust(decimals + 1, "0")
        sign = "-" if self.minor < 0 else ""
        return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)

    def split(self, weights: Sequence[int]) -> tuple[Self, ...]:
        """Share by `weights`: largest remainder first, the earlier on a tie; the shares sum to the whole."""
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise InvalidAmount(f"cannot share by {list(weights)}: weights are whole numbers >= 0, not all zero")
        size, sign = abs(self.minor), (-1 if self.minor < 0 else 1)
        shares = [size * weight // total for weight in weights]
        by_remainder = sorted(range(len(weights)), key=lambda i: (-(size * weights[i] % total), i))
        for i in by_remainder[: size - sum(shares)]:
            shares[i] += 1
        assert sum(shares) == size
        return tuple(type(self)(sign * share, self.currency) for share in shares)
