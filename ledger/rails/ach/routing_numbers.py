"""Routing numbers: nine digits, the last of which checks the others."""

from functools import lru_cache
from typing import Final

CHECK_WEIGHTS: Final = (3, 7, 1, 3, 7, 1, 3, 7)
"""The weights of the first eight digits (Nacha Operating Rules, Appendix Three, Check Digit)."""

_LENGTH: Final = len(CHECK_WEIGHTS) + 1


@lru_cache(maxsize=1 << 16)
def check_digit(identification: str) -> int:
    """Return the digit that completes eight others: what their weighted sum lacks to a multiple of ten."""
    return -sum(weight * int(digit) for weight, digit in zip(CHECK_WEIGHTS, identification, strict=True)) % 10


def is_routing_number(text: str) -> bool:
    """Return whether a text is nine digits with the right check digit, and not zero alone."""
    is_number = len(text) == _LENGTH and text.isascii() and text.isdigit() and bool(text.strip("0"))
    return is_number and check_digit(text[:-1]) == int(text[-1])
