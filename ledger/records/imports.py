"""Imports: the steps of each, and which of them have begun and not come to their end."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from ledger.kernel.ids import BookId
from ledger.kernel.record import Col, Record, record
from ledger.records.facts import Fact


@record
class UnfinishedImport(Record):
    """An import that has begun on a book and not come to its end: a projection of the import's newest step."""

    TABLE = "unfinished_imports"
    IN_LAKE = False
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
    mapping: Annotated[str, Col("Name of the import's mapping.", key=True)]
    files: Annotated[str, Col("Names of its files, separated by commas.", key=True)]
    began_at: Annotated[datetime, Col("When it began first.")]


class Step(StrEnum):
    """What becomes of an import: it begins, and ends or is given up."""

    BEGUN = "begun"
    ENDED = "ended"
    ABANDONED = "abandoned"


@record
class ImportStep(Fact):
    """An import of files by a mapping began, came to its end or was given up; the newest step holds."""

    TABLE = "import_steps"
    mapping: Annotated[str, Col("Name of the import's mapping.")]
    files: Annotated[str, Col("Names of its files, separated by commas.")]
    step: Annotated[Step, Col("What became of it.")]
    began_at: Annotated[datetime, Col("When it began first.")]
    actor: Annotated[str, Col("Who imported, or gave it up.")]
    reason: Annotated[str, Col("Why, in the actor's words.")]


@record
class ImportedFile(Record):
    """A file whose rows an import brought, or began to bring, into a book: by its content, whatever its name."""

    TABLE = "imported_files"
    IN_LAKE = False
    book_id: Annotated[BookId, Col("The book.", key=True, bits=32)]
    file_sha256: Annotated[bytes, Col("SHA-256 of the file's content.", key=True)]
    mapping: Annotated[str, Col("Name of the import's mapping.", key=True)]
    mapping_sha256: Annotated[bytes, Col("SHA-256 of the mapping's text.", key=True)]
    began_at: Annotated[datetime, Col("When its import began first.")]
