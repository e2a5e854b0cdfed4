"""Records of imports: the steps of each, the unfinished ones, and the rejected foreign rows."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from ledger.kernel.constraints import Check, Index, Refers
from ledger.kernel.ids import BookId
from ledger.kernel.record import Col, Fact, Record, record
from ledger.kernel.rights import Changes
from ledger.vault.records import SubjectId


@record
class UnfinishedImport(Record):
    """An import that has begun on a book and not ended: a projection of the import's newest step."""

    TABLE = "unfinished_imports"
    IN_LAKE = False
    CONSTRAINTS = (Refers(("book_id",), "books"),)
    CHANGES = Changes(deletes=True)
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
    mapping: Annotated[str, Col("Name of the import's mapping.", key=True)]
    files: Annotated[str, Col("Names of its files, separated by commas.", key=True)]
    began_at: Annotated[datetime, Col("The instant at which it first began.")]


class Step(StrEnum):
    """The steps of an import: it begins, and ends or is given up."""

    BEGUN = "begun"
    ENDED = "ended"
    ABANDONED = "abandoned"


@record
class ImportStep(Fact):
    """A step of an import of files by a mapping: it began, ended or was given up; the newest step applies."""

    TABLE = "import_steps"
    CONSTRAINTS = (Refers(("book_id",), "books"),)
    mapping: Annotated[str, Col("Name of the import's mapping.")]
    files: Annotated[str, Col("Names of its files, separated by commas.")]
    step: Annotated[Step, Col("The step: begun, ended or given up.")]
    began_at: Annotated[datetime, Col("The instant at which it first began.")]
    actor: Annotated[str, Col("The actor that imported, or gave it up.")]
    reason: Annotated[str, Col("The reason, in the actor's words.")]


@record
class ImportedFile(Record):
    """A file whose rows an import has begun to bring into a book; identified by content, whatever its name."""

    TABLE = "imported_files"
    IN_LAKE = False
    CONSTRAINTS = (Refers(("book_id",), "books"),)
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
    file_sha256: Annotated[bytes, Col("SHA-256 of the file's content.", key=True)]
    mapping: Annotated[str, Col("Name of the import's mapping.", key=True)]
    mapping_sha256: Annotated[bytes, Col("SHA-256 of the mapping's text.", key=True)]
    began_at: Annotated[datetime, Col("The instant at which its import first began.")]


class RowState(StrEnum):
    """The state of a row in quarantine."""

    WAITING = "waiting"
    REPLAYED = "replayed"
    GIVEN_UP = "given_up"


@record
class QuarantinedRow(Record):
    """A rejected row of a foreign file: its position there, the rule it broke, its state; its content is sealed."""

    TABLE = "quarantined_rows"
    PUBLIC_IDS = (("quarantined_row", "qua"),)
    IN_LAKE = False
    CONSTRAINTS = (
        Refers(("book_id",), "books"),
        Refers(("book_id", "mapping_sha256"), "quarantined_mappings", name="quarantined_rows_mapping_fkey"),
        Check("settled", "(state = 'waiting') = (settled_at IS NULL)"),
        Check("row_waits", "(state = 'waiting') = (row IS NOT NULL)"),
        Index(("book_id", "file_sha256"), name="quarantined_rows_file_idx"),
        Index(("book_id",), "state = 'waiting'", name="quarantined_rows_waiting_idx"),
    )
    CHANGES = Changes(
        (
            "mapping_sha256",
            "row",
            "rule",
            "reason",
            "state",
            "settled_at",
            "settled_by",
            "settled_seq",
            "settled_reason",
        )
    )
    book_id: Annotated[BookId, Col("The book that it was for.", key=True, bits=32)]
    row_id: Annotated[SubjectId, Col("Id of the row, from book, mapping, file and line; its key has it too.", key=True)]
    file: Annotated[str, Col("Name of the file.")]
    file_sha256: Annotated[bytes, Col("SHA-256 of the file's bytes.")]
    line: Annotated[int, Col("Line on which it begins; of a file of columns its row, from 1.")]
    mapping: Annotated[str, Col("Name of the mapping; `post` for a bulk, which has none.")]
    mapping_sha256: Annotated[bytes | None, Col("SHA-256 of the mapping's text; null for a bulk.")]
    partner: Annotated[str | None, Col("Of a bulk: reference of the partner that ordered it.")]
    is_imported: Annotated[bool, Col("It is history; otherwise it is live traffic of a bulk.")]
    row: Annotated[str | None, Col("The content of the row in the file, as JSON; null once it is settled.", pii=True)]
    rule: Annotated[str, Col("Code of the rule that it broke, or `refused:` with the judge's result code.")]
    reason: Annotated[str, Col("The text of the rule, without any content of the row.")]
    quarantined_at: Annotated[datetime, Col("The instant at which it was quarantined.")]
    quarantined_by: Annotated[str, Col("The actor that brought it.")]
    state: Annotated[RowState, Col("The state of the row.")]
    settled_at: Annotated[datetime | None, Col("The instant at which it was replayed or given up.")]
    settled_by: Annotated[str | None, Col("The actor that replayed it or gave it up.")]
    settled_seq: Annotated[int | None, Col("Position of its transfer; null if the whole file was imported again.")]
    settled_reason: Annotated[str | None, Col("The reason for giving it up, in the actor's words; names no person.")]


@record
class QuarantinedMapping(Record):
    """The text of a mapping that rejected rows, stored once for all of them, so that a replay needs no file."""

    TABLE = "quarantined_mappings"
    IN_LAKE = False
    CONSTRAINTS = (Refers(("book_id",), "books"),)
    book_id: Annotated[BookId, Col("The book that its rows were for.", key=True, bits=32)]
    mapping_sha256: Annotated[bytes, Col("SHA-256 of the text.", key=True)]
    declaration: Annotated[str, Col("The text.", pii=True)]


@record
class LakeQuarantine(Record):
    """A book from before the ledger stored quarantined rows: some may still be in the lake."""

    TABLE = "lake_quarantines"
    IN_LAKE = False
    CONSTRAINTS = (Refers(("book_id",), "books"),)
    CHANGES = Changes(deletes=True)
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
