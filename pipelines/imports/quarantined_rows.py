"""Quarantined rows as an operator meets them: listed without what is personal, read for a reason, given up for good."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

from lake.quarantine import IS_ONE, quarantined
from lake.quarantined_rows import QuarantinedRow, RowState
from lake.tables import Lake
from ledger.events import journal
from ledger.flows.readings import Shown, record_reading
from ledger.flows.subjects import checked_reason
from ledger.kernel.clock import system_clock
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.ids import SubjectId, public
from ledger.kernel.record import columns
from ledger.kernel.work import Work
from ledger.partners.partners import partner_named
from ledger.records.readings import Subject
from pipelines.imports.quarantine import NO_PARTNER, Quarantine

PLAIN: Final = tuple(column.name for column in columns(QuarantinedRow) if not column.col.pii)
"""The columns that may be shown to whoever may list."""


class RowReading(NamedTuple):
    """A row with what it says (None: its key is destroyed), and where its reading is recorded."""

    row: Mapping[str, Any]
    text: str | None
    seq: int


def listed_rows(lake: Lake, book_name: str, state: RowState | None = None) -> list[dict[str, Any]]:
    """The rows of a book, of one state or of all, in the order in which they came; without what is sealed."""
    found = quarantined(lake, book_name, PLAIN, "state = coalesce($state, state)", state=state).to_pylist()
    return sorted(found, key=lambda row: (row["quarantined_at"], row["file"], row["line"]))


def holds(lake: Lake, book_name: str, row_ids: Collection[SubjectId]) -> list[SubjectId]:
    """Those of the ids that rows of a book have."""
    there = set(quarantined(lake, book_name, ["row_id"], IS_ONE, ids=list(map(str, row_ids)))["row_id"].to_pylist())
    return [row_id for row_id in row_ids if str(row_id) in there]


def read_row(work: Work, quarantine: Quarantine, row_id: SubjectId, *, reason: str) -> RowReading:
    """A row in clear. The reading is recorded with its actor and reason; it may be shown once that is committed.

    Raises `InvalidInput` without a reason, `NotFound` for a row that the book has not.
    """
    book_id = quarantine.book.book_id
    batch = journal.open_batch(work, book_id)
    found = quarantined(quarantine.lake, quarantine.book.name, [*PLAIN, "row"], IS_ONE, ids=[str(row_id)]).to_pylist()
    if not found:
        raise NotFound(f"no row {public('quarantined_row', row_id)} is in the quarantine of {quarantine.book.name!r}")
    (row,) = found
    (text,) = quarantine.opened("row", [row.pop("row")])
    partner = row["partner"]
    partner_id = NO_PARTNER if partner is None else partner_named(work.connection, book_id, partner).partner_id
    shown = Shown(partner_id, Subject.QUARANTINED_ROW, row_id, ["row"])
    return RowReading(row, text, record_reading(work, batch, shown, reason=reason))


def give_up(quarantine: Quarantine, row_ids: Sequence[SubjectId], *, reason: str) -> int:
    """Give rows up that wait: nobody reads them again; how many waited until now. Done again, it changes nothing.

    Raises `InvalidInput` without a reason, and for a row that was replayed: its transfer stands.
    """
    reason = checked_reason(reason, what="give it up")
    quarantine.finish()
    ids = list(map(str, row_ids))
    found = quarantined(quarantine.lake, quarantine.book.name, ["row_id", "state"], IS_ONE, ids=ids).to_pylist()
    if any(row["state"] == RowState.REPLAYED for row in found):
        raise InvalidInput("one of these rows was replayed: its transfer stands, reverse that instead")
    said = {"state": RowState.GIVEN_UP, "settled_at": system_clock(), "settled_by": quarantine.actor}
    waiting = [row["row_id"] for row in found if row["state"] == RowState.WAITING]
    quarantine.settle([{"row_id": row_id, **said, "settled_reason": reason} for row_id in waiting])
    quarantine.tidy()
    quarantine.vault.renew()
    return len(waiting)
