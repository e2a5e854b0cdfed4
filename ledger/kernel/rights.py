"""Rights over a record's table: the changes allowed to the application, and the rows visible to a partner's reader."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes that the application may make to a table's rows: the columns to update, and whether to delete."""

    columns: tuple[str, ...] = ()
    deletes: bool = False


class Readers(StrEnum):
    """The rows of a table that a partner's reader sees."""

    OWN = "own"
    """The partner's own rows; none of a table that belongs to no partner."""
    ALL = "all"
    """All rows: they belong to no partner, and are the same for all of them."""
    NONE = "none"
    """No row, although they belong to partners: no partner's reader needs them."""
