"""Finds the object that a fact made or changed, by the fact's position."""

from typing import Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from ledger.kernel.ids import BookId
from ledger.kernel.work import Reader


class ChangedObject(NamedTuple):
    """The table of a fact, and the object that the fact made or changed: its noun in public ids, and its id."""

    table: str
    noun: str
    object_id: UUID


def changed_object(reader: Reader, book_id: BookId, position: int) -> ChangedObject | None:
    """Return what the fact at a position made or changed; None for facts of other kinds or out of the reader's scope.

    A reader of a partner has the partner's role, so that the database shows it no other partner's facts.
    """
    row = reader.connection.execute(_CHANGED, {"book": book_id, "position": position}).one_or_none()
    return None if row is None else ChangedObject(row.fact_table, row.noun, row.object_id)


_FACTS: Final = (
    ("transfers", "'transfer'", "transfer_id"),
    ("accounts", "'account'", "account_id"),
    ("account_terms", "'account'", "account_id"),
    ("monitors", "'monitor'", "monitor_id"),
    ("posting_templates", "'template'", "template_id"),
    ("object_metadata", "noun", "object_id"),
    ("vault_tokens", "'vault_token'", "token_id"),
    ("vault_token_endings", "'vault_token'", "token_id"),
    ("personal_readings", "subject", "subject_id"),
    ("endpoints", "'endpoint'", "endpoint_id"),
    ("outbound_calls", "'call'", "call_id"),
)
_CHANGED: Final = sa.text(
    " UNION ALL ".join(
        f"SELECT '{table}' AS fact_table, {noun} AS noun, {object_id} AS object_id "  # noqa: S608  # constants above
        f"FROM {table} WHERE book_id = :book AND seq = :position"
        for table, noun, object_id in _FACTS
    )
)
