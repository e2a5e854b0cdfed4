"""Texts that callers send: references, codes and keys, checked at the edge."""

import re
from typing import Annotated, Final

import strawberry

from ledger.kernel.errors import InvalidInput

LENGTH_MAX: Final = 200
"""The most characters of a reference or key."""

IdempotencyKey = Annotated[
    str,
    strawberry.argument(
        description="Up to 200 characters of your choice that name this request, such as a UUID. The same key with "
        "the same content gives the original answer, for ever; with other content an IdempotencyConflict."
    ),
]

_CODE: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def checked_text(what: str, text: str, length_max: int = LENGTH_MAX) -> str:
    """The text, where it is 1 to `length_max` printable characters. Raises `InvalidInput`."""
    if not 1 <= len(text) <= length_max or not text.isprintable():
        raise InvalidInput(f"{what} has 1 to {length_max} printable characters")
    return text


def checked_code(text: str) -> str:
    """The code of a transfer: a short lower-case word. Raises `InvalidInput`."""
    if _CODE.fullmatch(text) is None:
        raise InvalidInput("code is a word of up to 40 lower-case letters, digits, - and _, such as payment or fee")
    return text
