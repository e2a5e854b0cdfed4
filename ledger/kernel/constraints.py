"""Constraints of a record's table, which PostgreSQL enforces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unique:
    """No two rows have the same values in these columns."""

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """An index over columns (or expressions), of all rows or of those that meet the condition `where`."""

    columns: tuple[str, ...]
    where: str | None = None
    is_unique: bool = False
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Refers:
    """Each row refers to a row of another table by columns of the same names."""

    columns: tuple[str, ...]
    table: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A condition that every row meets."""

    name: str
    condition: str
