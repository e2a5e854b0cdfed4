"""Rights over a record's table: what the application may change, and whom a partner's reader is shown."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Changes:
    """What the application may change of a table's rows: the columns that it may update, and whether rows may go."""

    columns: tuple[str, ...] = ()
    deletes: bool = False


class Readers(StrEnum):
    """Whom a partner's reader is shown a table's rows of."""

    OWN = "own"
    """The partner's own rows; of a table that belongs to no partner, none."""
    ALL = "all"
    """All rows: they belong to no partner, and are the same for all of them."""
    NONE = "none"
    """No row, although they belong to partners: nothing that a partner's reader asks for."""
