"""Constraints of a record's table: what PostgreSQL holds its rows to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unique:
    """No two rows have the same values in these columns."""

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """An index over columns (or expressions), of all rows or of those `where` a condition holds."""

    columns: tuple[str, ...]
    where: str | None = None
    is_unique: bool = False
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Refers:
    """Each row names a row of another table by its columns, of the same names there."""

    columns: tuple[str, ...]
    table: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A condition that every row meets."""

    name: str
    condition: str
