"""Texts that callers send: references, codes and keys, checked at the edge."""

from typing import Annotated

import strawberry

from ledger.book.columns import CODE, TEXT_MAX
from ledger.kernel.errors import InvalidInput

IdempotencyKey = Annotated[
    str,
    strawberry.argument(
        description="Up to 200 characters of your choice that name this request, such as a UUID. The same key with "
        "the same content gives the original answer, for ever; with other content an IdempotencyConflict."
    ),
]


def checked_text(what: str, text: str, length_max: int = TEXT_MAX) -> str:
    """The text, where it is 1 to `length_max` printable characters. Raises `InvalidInput`."""
    if not 1 <= len(text) <= length_max or not text.isprintable():
        raise InvalidInput(f"{what} has 1 to {length_max} printable characters")
    return text


def checked_code(text: str) -> str:
    """The code of a transfer: a short lower-case word. Raises `InvalidInput`."""
    if CODE.fullmatch(text) is None:
        raise InvalidInput("code is a word of up to 40 lower-case letters, digits, - and _, such as payment or fee")
    return text
