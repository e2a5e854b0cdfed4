"""Nodes: objects with a globally unique id."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

import strawberry

from api.context import Call
from ledger.kernel.errors import InvalidId
from ledger.public_ids import PREFIXES, parse_public

_NOUNS: Final = {prefix: noun for noun, prefix in PREFIXES.items()}


@strawberry.interface
class Node:
    """An object with an id of its own: an account, a transfer, or your partner."""

    id: strawberry.ID = strawberry.field(description="Globally unique id; its prefix names the type, such as acc_.")


Finder = Callable[[Call, UUID], Node | None]
"""Finds the caller's object by its stored id; returns None if there is none, or if it is another partner's."""


def parse_any(text: str) -> tuple[str, UUID]:
    """Return the noun and the stored id of a public id of any type. Raises `InvalidId`."""
    noun = _NOUNS.get(text[:3])
    if noun is None:
        raise InvalidId(f"{text[:60]!r} is not an id; ids look like acc_018f… with 32 hex digits")
    return noun, parse_public(noun, text)
