"""Shares of a secret (Shamir, "How to share a secret", CACM 1979): some of them give it back, fewer tell nothing.

Each byte of the secret is the value at 0 of a polynomial over GF(2^8), the field of AES (FIPS 197, 4.2), whose other
coefficients are random; a share has the values at its own number. Any `needed` of the points determine the polynomial.
"""

import secrets
from collections.abc import Collection, Mapping
from functools import reduce
from typing import Final

from ledger.kernel.errors import InvalidInput

SHARES_MAX: Final = 255
"""Maximum number of shares: the field has 255 points beside 0."""

_NEEDED_MIN: Final = 2
_REDUCING: Final = 0x11B
"""The polynomial of the field: x^8 + x^4 + x^3 + x + 1."""


def split(secret: bytes, *, needed: int, count: int) -> dict[int, bytes]:
    """Return `count` shares of a secret by their numbers, each as long as it; any `needed` of them give it back.

    Raises `InvalidInput` unless 2 <= needed <= count <= 255.
    """
    if not _NEEDED_MIN <= needed <= count <= SHARES_MAX:
        raise InvalidInput(
            f"{needed} of {count} shares is not possible: at least {_NEEDED_MIN} are needed, and there are as many "
            f"shares or more, up to {SHARES_MAX}"
        )
    polynomials = [bytes([byte]) + secrets.token_bytes(needed - 1) for byte in secret]
    return {number: bytes(_value(each, number) for each in polynomials) for number in range(1, count + 1)}


def combined(shares: Mapping[int, bytes]) -> bytes:
    """Return the secret of which these are shares; other bytes if they are too few, or of another secret."""
    assert shares, "there is a share"
    assert len({len(each) for each in shares.values()}) == 1, "shares of one secret have one length"
    weights = {number: _weight(number, shares.keys()) for number in shares}
    columns = zip(*(_scaled(share, weights[number]) for number, share in shares.items()), strict=True)
    return bytes(reduce(_added, column) for column in columns)


def _weight(number: int, numbers: Collection[int]) -> int:
    """Return the value at 0 of Lagrange's polynomial that is 1 at a number and 0 at the others."""
    others = [each for each in numbers if each != number]
    return reduce(_product, (_product(each, _inverse(each ^ number)) for each in others), 1)


def _scaled(share: bytes, weight: int) -> bytes:
    return bytes(_product(byte, weight) for byte in share)


def _value(polynomial: bytes, at: int) -> int:
    """Return the value of a polynomial, its constant coefficient first (Horner)."""
    return reduce(lambda value, coefficient: _product(value, at) ^ coefficient, reversed(polynomial), 0)


def _added(left: int, right: int) -> int:
    return left ^ right


def _product(left: int, right: int) -> int:
    product = 0
    for _ in range(8):
        product ^= left * (right & 1)
        left, right = left << 1, right >> 1
        left ^= _REDUCING * (left >> 8)
    return product


def _inverse(value: int) -> int:
    """Return the number whose product with a value is 1: its 254th power."""
    return reduce(_product, [value] * 254)
