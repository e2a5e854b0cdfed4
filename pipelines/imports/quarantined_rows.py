"""Quarantined rows for an operator: reads one for a stated reason, or gives rows up for good."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from ledger.imports.quarantined_rows import listed_rows, sealed_rows
from ledger.imports.records import RowState
from ledger.journal import journal
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.work import Work, read
from ledger.personal_data.access import Shown, record_reading
from ledger.personal_data.records import Subject
from ledger.personal_data.subjects import checked_reason
from ledger.public_ids import public
from ledger.tenancy.partners import partner_named
from ledger.vault.records import SubjectId
from pipelines.imports.quarantine import NO_PARTNER, Quarantine


class RowReading(NamedTuple):
    """A row with its text (None if its key is destroyed), and the position of the recorded access."""

    row: sa.Row[Any]
    text: str | None
    seq: int


def read_row(work: Work, quarantine: Quarantine, row_id: SubjectId, *, reason: str) -> RowReading:
    """Return a row in clear. Records the access with actor and reason; show the row only after the commit.

    Raises `InvalidInput` without a reason, `NotFound` for a row that the book does not have.
    """
    book_id = quarantine.book.book_id
    batch = journal.open_batch(work, book_id)
    found = listed_rows(work.connection, book_id, row_ids=[row_id])
    if not found:
        raise NotFound(f"no row {public('quarantined_row', row_id)} is in the quarantine of {quarantine.book.name!r}")
    (row,) = found
    sealed = sealed_rows(work.connection, book_id, [row_id])
    text = quarantine.opened("row", [sealed[0].row])[0] if sealed else None
    partner = row.partner
    partner_id = NO_PARTNER if partner is None else partner_named(work.connection, book_id, partner).partner_id
    shown = Shown(partner_id, Subject.QUARANTINED_ROW, row_id, ["row"])
    return RowReading(row, text, record_reading(work, batch, shown, reason=reason))


def give_up(quarantine: Quarantine, row_ids: Sequence[SubjectId], *, reason: str) -> int:
    """Give up waiting rows: their keys are destroyed. Returns how many were still waiting; repeating changes nothing.

    Raises `InvalidInput` without a reason, and for a row that was replayed, since its transfer exists.
    """
    reason = checked_reason(reason, what="give it up")
    quarantine.finish()
    with read(quarantine.engine) as reader:
        found = listed_rows(reader.connection, quarantine.book.book_id, row_ids=row_ids)
    if any(row.state == RowState.REPLAYED for row in found):
        raise InvalidInput("one of these rows was replayed: its transfer stands, reverse that instead")
    given_up = quarantine.settle(RowState.GIVEN_UP, dict.fromkeys(row.row_id for row in found), reason=reason)
    quarantine.vault.renew()
    return given_up
