"""Facts as operators read them: the facts of a kind page by page, and the fact at a position, whatever its kind."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Final, NamedTuple, TypeVar

import sqlalchemy as sa

from ledger.kernel.ids import BookId
from ledger.kernel.pages import Slice, position_bounds
from ledger.kernel.record import Column, Fact, columns
from ledger.kernel.rows import as_record
from ledger.kernel.sql import table
from ledger.kernel.work import Reader
from ledger.records import FACTS

_F = TypeVar("_F", bound=Fact)


class JournalFact(NamedTuple):
    """A fact of any kind: its table, position and instant, and its columns as text.

    Columns that are personal or withheld from the lake are left out.
    """

    table: str
    seq: int
    recorded_at: datetime
    values: Mapping[str, str]


def facts_page(
    reader: Reader, record: type[_F], book_id: BookId, wanted: Slice[int], *, only: Mapping[str, object] | None = None
) -> list[_F]:
    """Return a slice of the facts of a kind, the newest first; `only` those with these values in these columns."""
    assert reader.partner_id is None, "facts of all partners are an operator's to read"
    span, chosen = wanted.bounds(is_descending=True), only or {}
    query = _page(record, tuple(chosen), is_descending=span.is_descending)  # type: ignore[arg-type]  # a class
    rows = reader.connection.execute(query, {"book": book_id, **position_bounds(span), **chosen})
    return wanted.in_order([as_record(record, row) for row in rows])


def fact_at(reader: Reader, book_id: BookId, position: int) -> JournalFact | None:
    """Return the fact at a position; None if the journal has none there."""
    assert reader.partner_id is None, "facts of all partners are an operator's to read"
    asked = {"book": book_id, "position": position}
    name = reader.connection.execute(_KIND, asked).scalar_one_or_none()
    if name is None:
        return None
    record = _BY_TABLE[name]
    shown = [column for column in columns(record) if _is_shown(column)]
    stored = table(record).c
    query = sa.select(stored.recorded_at.label("fact_recorded_at"), *(stored[column.name] for column in shown))
    query = query.where(stored.book_id == book_id, stored.seq == position)
    row = reader.connection.execute(query).one()._asdict()
    values = {column.name: _text(row[column.name]) for column in shown if row[column.name] is not None}
    return JournalFact(name, position, row["fact_recorded_at"], values)


def _is_shown(column: Column) -> bool:
    col = column.col
    is_private = col.pii or col.pii_where is not None or col.withheld
    return not is_private and column.name not in ("book_id", "seq", "recorded_at")


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, datetime) else str(value)


@cache
def _page(record: type[Fact], only: tuple[str, ...], *, is_descending: bool) -> sa.Select[tuple[object, ...]]:
    """Select the columns that an operator may see; as null, those that it may not."""
    stored = table(record).c
    wanted = [
        sa.null().label(column.name) if column.name in _SECRET else stored[column.name] for column in columns(record)
    ]
    matches = [stored[name] == sa.bindparam(name, type_=stored[name].type) for name in only]
    position = sa.BigInteger()
    above, below = sa.bindparam("above", type_=position), sa.bindparam("below", type_=position)
    query = sa.select(*wanted).where(
        stored.book_id == sa.bindparam("book", type_=sa.Integer()), stored.seq > above, stored.seq < below, *matches
    )
    return query.order_by(stored.seq.desc() if is_descending else stored.seq).limit(sa.bindparam("limit"))


_SECRET: Final = frozenset({"key_hash"})
_BY_TABLE: Final[Mapping[str, type[Fact]]] = {record.TABLE: record for record in FACTS if record.IS_LEAF}
_KIND: Final = sa.text(
    " UNION ALL ".join(
        f"SELECT '{name}' FROM {name} WHERE book_id = :book AND seq = :position"  # noqa: S608  # names of records
        for name in _BY_TABLE
    )
)
