"""Foreign exchange: converts an amount to another currency at an exact rate."""

import re
from fractions import Fraction
from typing import Final

from ledger.book.errors import InvalidRate
from ledger.kernel.currencies import exponent
from ledger.kernel.errors import InvalidAmount
from ledger.kernel.money import MINOR_MAX, Money
from ledger.kernel.rounding import Rounding, rounded

_RATE: Final = re.compile(r"(\d{1,18})(?:\.(\d{1,18})|/(\d{1,18}))?", re.ASCII)


def parse_rate(text: str) -> Fraction:
    """Read a rate exactly: `parse_rate("1.0842")`, or a fraction of whole numbers, `27/25`. Raises `InvalidRate`.

    The rate is the number of units of the bought currency for one unit of the sold currency.
    """
    match = _RATE.fullmatch(text)
    if match is None:
        raise InvalidRate(f"{text!r} is not a rate; write a decimal such as 1.0842, or a fraction such as 27/25")
    whole, decimals, below = match[1], match[2] or "", int(match[3] or "1")
    above = int(whole + decimals)
    if above == 0 or below == 0:
        raise InvalidRate(f"the rate {text!r} is not above zero; write the amount bought for one unit sold")
    return Fraction(above, below * 10 ** len(decimals))


def exchanged(money: Money, rate: Fraction, currency: str, rounding: Rounding) -> Money:
    """Convert `money` to `currency`, exactly, and round once, to the minor unit of `currency`.

    Raises `InvalidAmount` if both currencies are the same or the result exceeds the largest amount of the ledger, and
    `UnknownCurrency`.
    """
    if currency == money.currency:
        raise InvalidAmount(f"{money} is in {currency} already; an exchange is between two currencies")
    assert rate > 0, f"{rate} is no rate"
    exact = Fraction(money.minor * 10 ** exponent(currency), 10 ** exponent(money.currency)) * rate
    minor = rounded(exact, rounding)
    if abs(minor) > MINOR_MAX:
        raise InvalidAmount(f"{money} is more in {currency} than the ledger holds ({MINOR_MAX} minor units)")
    return Money(minor, currency)
