"""Rows: converts a stored row to its record, with enum values as members."""

from enum import StrEnum
from functools import cache
from types import UnionType
from typing import TypeVar, Union, get_args, get_origin, get_type_hints

import sqlalchemy as sa

from ledger.kernel.record import Record

_R = TypeVar("_R", bound=Record)


def as_record(record: type[_R], row: sa.Row[tuple[object, ...]]) -> _R:
    """Convert a row that has every column of the record."""
    values = row._asdict()
    members = {name: kind(values[name]) for name, kind in _enums(record).items() if values[name] is not None}  # type: ignore[arg-type]  # mypy on classes again
    return record(**values | members)


@cache
def _enums(record: type[Record]) -> dict[str, type[StrEnum]]:
    """Return the columns that hold members of an enum."""
    kinds = {name: _kinds(hint) for name, hint in get_type_hints(record).items()}
    return {name: kind for name, options in kinds.items() for kind in options if issubclass(kind, StrEnum)}


def _kinds(hint: object) -> list[type]:
    options = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    return [option for option in options if isinstance(option, type)]
