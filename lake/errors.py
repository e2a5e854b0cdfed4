"""What can go wrong in the lake, as one tree under the ledger's refusals.

Refusal
├── ForeignLake          the table belongs to another ledger, or holds another history than this one
├── Misplaced            a book's rows would lie in a root that is not of its jurisdiction
├── DamagedLake          what lies there is gone, damaged, or changed by others: making it anew mends it
└── Unavailable
    ├── Fenced           another worker writes here; nothing was written, what it writes stands
    └── LostCommit       the newest commit of a table is gone, or is another; nothing was written
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
        """The command that makes the table anew from the ledger."""
        return f"cofferdam stream --rebuild {self.book_name} {self.table}"

    @property
    def mended_by(self) -> str:
        """The same as a part of a sentence."""
        return f"make the table anew: {self.remedy}"


class ForeignLake(Refusal):
    """The table belongs to another ledger, or holds another history than this one; nothing is written to it."""

    code = "foreign_lake"


class Misplaced(Refusal):
    """A book's rows would lie, or do lie, in a root that is not of its jurisdiction; nothing is written."""

    code = "misplaced"


class DamagedLake(Refusal):
    """What lies there is gone, damaged, or changed by somebody else; the text names the command that mends it."""

    code = "damaged_lake"


class Fenced(Unavailable):
    """Another worker writes to this table; nothing was written, and what the other one wrote stands."""

    code = "fenced"


class LostCommit(Unavailable):
    """The newest commit of a table is gone, or is not the one that was there; nothing was written after it."""

    code = "lost_commit"
