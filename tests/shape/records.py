"""Rules of records: what every stored noun says of itself, so that each store can derive what it needs."""

import dataclasses
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Final, get_args, get_origin, get_type_hints

from ledger.book.records.accounts import AccountId
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.record import Column, Record, columns
from ledger.tenancy.records import ApiKeyId, CustomerId

_OF_A_TENANT: Final = (AccountId, CustomerId, ApiKeyId)
"""Whose id a column has, that thing belongs to a partner."""


def described(record: type[Record]) -> Iterator[str]:
    """A record has a docstring of its own, and every column a sentence: they are the data dictionary."""
    if not record.__doc__ or record.__doc__.startswith(f"{record.__name__}("):
        yield f"{record.__name__} has no docstring"
    bare = _field_names(record) - {column.name for column in columns(record)}
    yield from (f"{record.__name__}.{name} is no Annotated[type, Col(...)]" for name in sorted(bare))
    for column in columns(record):
        if not column.col.doc.endswith("."):
            yield f"{record.__name__}.{column.name}: its description is a sentence that ends in a period"


def keyed_by_book(record: type[Record]) -> Iterator[str]:
    """Every table has `book_id` in its key, so that a book can live on any server."""
    keys = [column.name for column in columns(record) if column.col.key]
    if keys[:1] != ["book_id"] or _types(record).get("book_id") is not BookId:
        yield f"{record.__name__}: its key begins with `book_id: Annotated[BookId, Col(…, key=True)]`"


def scoped_to_partner(record: type[Record]) -> Iterator[str]:
    """What names an account, a customer or a key belongs to a tenant, and says to which: the walls stand on it."""
    types = _types(record)
    names_tenant = any(kind in _OF_A_TENANT for hint in types.values() for kind in (hint, *get_args(hint)))
    if names_tenant and types.get("partner_id") is not PartnerId:
        yield f"{record.__name__} belongs to a tenant: it carries `partner_id`, never null"


def units_last(record: type[Record]) -> Iterator[str]:
    """A column's name ends in what it holds: an instant in `_at`, a day in `_on` (or a `month`)."""
    for column in columns(record):
        if (ending := _ending(column)) and not column.name.endswith(ending):
            yield f"{record.__name__}.{column.name} ends in {' or '.join(ending)}"


def frozen(record: type[Record]) -> Iterator[str]:
    """A record is a value: `@record` makes it frozen, with slots."""
    if not dataclasses.is_dataclass(record) or not record.__dataclass_params__.frozen:
        yield f"{record.__name__} is not made by @record"


def _field_names(record: type[Record]) -> set[str]:
    return {field.name for field in dataclasses.fields(record)} if dataclasses.is_dataclass(record) else set()


def _ending(column: Column) -> tuple[str, ...]:
    if column.storage is datetime:
        return ("_at",)
    return ("_on", "month") if column.storage is date else ()


def _types(record: type[Record]) -> dict[str, object]:
    hints = get_type_hints(record, include_extras=True)
    return {name: get_args(hint)[0] for name, hint in hints.items() if get_origin(hint) is Annotated}
