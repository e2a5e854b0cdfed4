"""The columns of records in the schema: each is shown, shown under another name, or hidden for a stated reason.

Each module of `api.graphql.nouns` that shows records declares them in its `SHOWN`.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Shown(NamedTuple):
    """The GraphQL types that show a record; its renamed columns, and its hidden columns with the reason for each."""

    types: tuple[str, ...]
    renamed: Mapping[str, str]
    hidden: Mapping[str, str]


BOOK: Final = "an API key belongs to one book, so callers need not name it"
OWN: Final = "it is always the caller, shown by `me`"
ACTOR: Final = "only the operator sees which key or operator acted"
OURS: Final = {"book_id": BOOK, "partner_id": OWN, "actor": ACTOR}
"""Columns that are hidden in most records."""
