"""Quarantined rows: what the ledger keeps, beside its journal, of foreign rows that were not taken."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from ledger.kernel.ids import BookId, SubjectId
from ledger.kernel.record import Col, Record, record


class RowState(StrEnum):
    """What became of a row in quarantine."""

    WAITING = "waiting"
    REPLAYED = "replayed"
    GIVEN_UP = "given_up"


@record
class QuarantinedRow(Record):
    """A row of a foreign file that was not taken: where it stood, by which rule, what became of it; itself sealed."""

    TABLE = "quarantined_rows"
    IN_LAKE = False
    book_id: Annotated[BookId, Col("The book that it was for.", key=True, bits=32)]
    row_id: Annotated[SubjectId, Col("Id of the row, from book, mapping, file and line; its key has it too.", key=True)]
    file: Annotated[str, Col("Name of the file.")]
    file_sha256: Annotated[bytes, Col("SHA-256 of the file's bytes.")]
    line: Annotated[int, Col("Line on which it begins; of a file of columns its row, from 1.")]
    mapping: Annotated[str, Col("Name of the mapping; `post` for a bulk, which has none.")]
    mapping_sha256: Annotated[bytes | None, Col("SHA-256 of the mapping's text; null for a bulk.")]
    partner: Annotated[str | None, Col("Of a bulk: reference of the partner that ordered it.")]
    is_imported: Annotated[bool, Col("It is history; otherwise it is live traffic of a bulk.")]
    row: Annotated[str | None, Col("The row as it stood in the file, as JSON; null once it is settled.", pii=True)]
    rule: Annotated[str, Col("Code of the rule that it broke, or `refused:` with the judge's result code.")]
    reason: Annotated[str, Col("What the rule says; it has no word of the row.")]
    quarantined_at: Annotated[datetime, Col("When it came here.")]
    quarantined_by: Annotated[str, Col("Who brought it.")]
    state: Annotated[RowState, Col("What became of it.")]
    settled_at: Annotated[datetime | None, Col("When it was replayed or given up.")]
    settled_by: Annotated[str | None, Col("By whom.")]
    settled_seq: Annotated[int | None, Col("Position of its transfer; null where the whole file was imported again.")]
    settled_reason: Annotated[str | None, Col("Why it was given up, in the words of who did it; names no person.")]


@record
class QuarantinedMapping(Record):
    """The text of a mapping that rejected rows, kept once for all of them, so that a replay needs no file."""

    TABLE = "quarantined_mappings"
    IN_LAKE = False
    book_id: Annotated[BookId, Col("The book that its rows were for.", key=True, bits=32)]
    mapping_sha256: Annotated[bytes, Col("SHA-256 of the text.", key=True)]
    declaration: Annotated[str, Col("The text.", pii=True)]


@record
class LakeQuarantine(Record):
    """A book from before the ledger kept quarantined rows: some may stand in the lake still."""

    TABLE = "lake_quarantines"
    IN_LAKE = False
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
