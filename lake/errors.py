"""Errors of the lake, as one tree under the ledger's refusals.

Refusal
├── ForeignLake          the table belongs to another ledger, or has a different history
├── Misplaced            a book's rows would be in a root that is not of its jurisdiction
├── DamagedLake          a table is missing, damaged, or changed by other software: rebuilding repairs it
└── Unavailable
    ├── Fenced           another worker writes here; nothing was written, the other's commit is valid
    └── LostCommit       the newest commit of a table is gone, or was replaced; nothing was written
"""

from typing import NamedTuple

from ledger.kernel.errors import Refusal, Unavailable


class TableName(NamedTuple):
    """A table of a book, as messages name it."""

    book_name: str
    table: str

    def __str__(self) -> str:
        return f"{self.table} of book {self.book_name!r}"

    @property
    def remedy(self) -> str:
        """The command that rebuilds the table from the ledger."""
        return f"cofferdam stream --rebuild {self.book_name} {self.table}"

    @property
    def mended_by(self) -> str:
        """The remedy as a part of a sentence."""
        return f"make the table anew: {self.remedy}"


class ForeignLake(Refusal):
    """The table belongs to another ledger, or has a different history; nothing is written to it."""

    code = "foreign_lake"


class Misplaced(Refusal):
    """A book's rows would be, or are, in a root that is not of its jurisdiction; nothing is written."""

    code = "misplaced"


class DamagedLake(Refusal):
    """A table is missing, damaged, or changed by other software; the text names the command that repairs it."""

    code = "damaged_lake"


class Fenced(Unavailable):
    """Another worker writes to this table; nothing was written, and the other's commit is valid."""

    code = "fenced"


class LostCommit(Unavailable):
    """The newest commit of a table is gone, or was replaced; nothing was written after it."""

    code = "lost_commit"
