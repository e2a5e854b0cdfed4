"""Columns of records and where the schema shows them: each is shown, renamed, or hidden for a reason.

Each module of `api.graphql.nouns` that shows records says so in its `SHOWN`.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Shown(NamedTuple):
    """The types that show a record together; columns under another name, and those that are hidden, with the reason."""

    types: tuple[str, ...]
    renamed: Mapping[str, str]
    hidden: Mapping[str, str]


BOOK: Final = "a key reaches one book, so that callers need not name it"
OWN: Final = "it is always the caller, whom `me` shows"
ACTOR: Final = "which key or operator did it is the operator's to see"
OURS: Final = {"book_id": BOOK, "partner_id": OWN, "actor": ACTOR}
"""What is hidden of most records."""
