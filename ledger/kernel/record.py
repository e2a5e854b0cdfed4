"""Records: one frozen dataclass per stored noun, the single definition that every store's schema is derived from."""

import types
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import (
    Annotated,
    ClassVar,
    Final,
    NewType,
    TypeVar,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)
from uuid import UUID

from ledger.kernel.constraints import Check, Index, Refers, Unique
from ledger.kernel.ids import BookId
from ledger.kernel.retention import Retention
from ledger.kernel.rights import Changes, Readers

STORED: Final = (bool, int, str, bytes, UUID, date, datetime)
"""The Python types that a column may have; an enum counts as text, a NewType as the type it wraps."""


NARROW: Final = 32
"""Bits of an integer that is known to stay small; all others have 64."""


@dataclass(frozen=True, slots=True)
class Col:
    """The declaration of a column: its description, and whether it is part of the key, or personal.

    A personal column (`pii`) holds sealed text in every store; one that is `pii_where` another column has a value does
    so in these rows. A `withheld` column stays in the ledger's database: partners look things up by it, and it may
    identify a person. `staged` is its name in the marts' staging model, or False to leave it out. `bits` is the width
    of an integer in PostgreSQL, 64 or `NARROW`; the lake stores all integers in 64.
    """

    doc: str
    key: bool = False
    pii: bool = False
    pii_where: str | None = None
    withheld: bool = False
    staged: str | bool = True
    bits: int = 64


class Record:
    """A stored noun: a frozen, flat dataclass with a docstring, a `TABLE` and `Annotated` columns.

    All that stores need is declared here, and derived from here: the table with its constraints and rights, the rows in
    the lake, how long they are kept, which columns are personal.
    """

    __slots__ = ()
    TABLE: ClassVar[str]
    IN_LAKE: ClassVar[bool] = True
    PUBLIC_IDS: ClassVar[tuple[tuple[str, str], ...]] = ()
    """The nouns whose ids it gives, each with its public prefix: `(("account", "acc"),)`."""
    CONSTRAINTS: ClassVar[tuple[Unique | Index | Refers | Check, ...]] = ()
    CHANGES: ClassVar[Changes | None] = None
    """None is append-only."""
    FILL_FACTOR: ClassVar[int | None] = None
    """Percent of each page that is filled at first, for rows that are updated again and again."""
    READERS: ClassVar[Readers] = Readers.OWN
    ACCESS_IS_RECORDED: ClassVar[bool] = False
    """True if personal columns may be read only through recorded access, and not by a partner's reader."""
    RETENTION: ClassVar[Retention] = Retention.LEDGER
    STAGED: ClassVar[str | None] = None
    """The verb for its recording, such as `opened`: the marts stage it, with `opened_at` and `opened_seq`."""
    DAILY: ClassVar[str | None] = None
    """A column that only the lake's table has: the UTC day of `recorded_at`, by which its files are partitioned."""


_R = TypeVar("_R", bound=Record)


@dataclass(frozen=True, slots=True)
class Column:
    """A column as every store derives it; `choices` lists the values of an enum column."""

    name: str
    storage: type
    nullable: bool
    choices: tuple[str, ...]
    col: Col


@dataclass_transform(frozen_default=True, kw_only_default=True)
def record(cls: type[_R]) -> type[_R]:
    """Make a class a record: a frozen, keyword-only dataclass with slots."""
    return dataclass(frozen=True, slots=True, kw_only=True)(cls)


def columns(record_type: type[Record]) -> tuple[Column, ...]:
    """Return the columns of a record, in their stored order."""
    return _columns(record_type)  # type: ignore[arg-type]  # mypy takes a class for one of its own instances here


@cache
def _columns(record_type: type[Record]) -> tuple[Column, ...]:
    assert record_type.__doc__, f"{record_type.__name__} has no docstring"
    hints = get_type_hints(record_type, include_extras=True)
    return tuple(_column(name, hint) for name, hint in hints.items() if get_origin(hint) is Annotated)


def _column(name: str, hint: object) -> Column:
    annotated, col = get_args(hint)[:2]
    assert isinstance(col, Col), f"{name}: the annotation is Annotated[type, Col(...)]"
    options = get_args(annotated) if get_origin(annotated) in (Union, types.UnionType) else (annotated,)
    (inner,) = (option for option in options if option is not type(None))
    while isinstance(inner, NewType):
        inner = inner.__supertype__
    choices = tuple(member.value for member in inner) if issubclass(inner, StrEnum) else ()
    storage = str if choices else inner
    assert storage in STORED, f"{name}: {storage} cannot be stored"
    return Column(name, storage, len(options) > 1, choices, col)


@record
class Fact(Record):
    """Something the ledger accepted, at one position of one book."""

    IS_LEAF: ClassVar[bool] = True
    """True if it takes a position of its own, and is a leaf of the hash chain."""
    book_id: Annotated[BookId, Col("The book whose journal holds it.", key=True, bits=32)]
    seq: Annotated[int, Col("Its position in the journal of the book: dense, in commit order.", key=True)]
    recorded_at: Annotated[
        datetime, Col("The instant at which its batch was recorded; strictly rising from batch to batch.")
    ]
