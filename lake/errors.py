"""What can go wrong in the lake, as one tree under the ledger's refusals.

Refusal
├── ForeignLake          the table belongs to another ledger, or holds another history than this one
├── Misplaced            a book's rows would lie in a root that is not of its jurisdiction
└── Unavailable
    └── Fenced           another worker writes here; nothing was written, what it writes stands
"""

from ledger.kernel.errors import Refusal, Unavailable


class ForeignLake(Refusal):
    """The table belongs to another ledger, or holds another history than this one; nothing is written to it."""

    code = "foreign_lake"


class Misplaced(Refusal):
    """A book's rows would lie, or do lie, in a root that is not of its jurisdiction; nothing is written."""

    code = "misplaced"


class Fenced(Unavailable):
    """Another worker writes to this table; nothing was written, and what the other one wrote stands."""

    code = "fenced"
