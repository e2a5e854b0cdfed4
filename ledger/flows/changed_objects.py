"""Finds the object that a fact made or changed, by the fact's position."""

from typing import Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from ledger.kernel.ids import BookId
from ledger.kernel.work import Reader


class ChangedObject(NamedTuple):
    """The noun of an object, as public ids name it, and its id."""

    noun: str
    object_id: UUID


def changed_object(reader: Reader, book_id: BookId, position: int) -> ChangedObject | None:
    """Return what the fact at a position made or changed; None for facts of other kinds or out of the reader's scope.

    A reader of a partner has the partner's role, so that the database shows it no other partner's facts.
    """
    row = reader.connection.execute(_CHANGED, {"book": book_id, "position": position}).one_or_none()
    return None if row is None else ChangedObject(row.noun, row.object_id)


_CHANGED: Final = sa.text(
    " UNION ALL ".join(
        f"SELECT '{noun}' AS noun, {noun}_id AS object_id FROM {table} WHERE book_id = :book AND seq = :position"  # noqa: S608  # constants of this module
        for noun, table in (
            ("transfer", "transfers"),
            ("account", "accounts"),
            ("account", "account_terms"),
            ("monitor", "monitors"),
            ("template", "posting_templates"),
        )
    )
)
