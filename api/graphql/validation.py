"""Texts from callers: references, codes and keys, validated at the edge."""

from typing import Annotated

import strawberry

from ledger.book.bulks.columns import CODE
from ledger.kernel.errors import InvalidInput

IdempotencyKey = Annotated[
    str,
    strawberry.argument(
        description="Up to 200 characters of your choice that identify this request, such as a UUID. The same key with "
        "the same content always returns the original answer; with other content, an IdempotencyConflict."
    ),
]


def checked_code(text: str) -> str:
    """Return a valid transfer code: a short lower-case word. Raises `InvalidInput`."""
    if CODE.fullmatch(text) is None:
        raise InvalidInput("code is a word of up to 40 lower-case letters, digits, - and _, such as payment or fee")
    return text
