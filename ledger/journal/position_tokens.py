"""Tokens of positions: the ordinal of a partner's own fact as a text of fixed length, which tells order and no more."""

import re
from typing import Final

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""The digits of Crockford's base 32, which rise as text too."""

_PREFIX: Final = "pos_"
_DIGITS: Final = 13
_TOKEN: Final = re.compile(f"{_PREFIX}[0-7][{_ALPHABET}]{{{_DIGITS - 1}}}")
_VALUES: Final = {digit: value for value, digit in enumerate(_ALPHABET)}


def token_of(ordinal: int) -> str:
    """Return the token of a partner's fact; all are of one length, so that they order as text."""
    assert 0 <= ordinal < 1 << 63, "an ordinal is a count"
    digits = (_ALPHABET[ordinal >> 5 * place & 31] for place in reversed(range(_DIGITS)))
    return _PREFIX + "".join(digits)


def ordinal_of(token: str) -> int | None:
    """Return the ordinal that a token stands for, or None if it is no token."""
    if _TOKEN.fullmatch(token) is None:
        return None
    ordinal = 0
    for digit in token[len(_PREFIX) :]:
        ordinal = ordinal << 5 | _VALUES[digit]
    return ordinal
