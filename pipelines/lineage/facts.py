"""Facts: traces one fact, named by id or position, forward to the mart rows that depend on it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lake.schema import lake_columns
from ledger.book.records.accounts import Account
from ledger.book.records.transfers import RefusedTransfer, Transfer
from ledger.kernel.errors import InvalidInput, NotFound
from ledger.kernel.record import Record
from ledger.public_ids import PREFIXES, parse_public
from ledger.records import FACTS
from ledger.tenancy.records import Customer, Partner
from pipelines.lineage.commits import Batch, Source, batches, source_of
from pipelines.lineage.origins import Key, tied
from pipelines.lineage.positions import note_positions
from pipelines.lineage.tracing import Tracing
from pipelines.marts.lineage import Build, Model, Origin
from pipelines.marts.sources import PinnedBook

_BY_ID: Final[Mapping[str, tuple[type[Record], ...]]] = {
    "transfer": (Transfer, RefusedTransfer),
    "account": (Account,),
    "customer": (Customer,),
    "partner": (Partner,),
}
"""The records whose id has the noun's prefix."""

_POSITION: Final = re.compile(r"([^@]+)@([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Standing:
    """The rows of a mart that depend on a fact as one of their origins: their number, and the first keys."""

    mart: str
    what: str
    rows: int
    keys: list[Key]


@dataclass(frozen=True, slots=True)
class FactTrace:
    """A fact with its commits and files, the batch that proves it, and the rows that depend on it."""

    position: int
    table: str
    row: dict[str, object]
    cut: PinnedBook
    build: Build
    source: Source
    batch: Batch
    marts: list[Standing]


def is_id(text: str) -> bool:
    """Return whether the text has the form of a fact's id, such as trf_018f…."""
    return text.partition("_")[0] in PREFIXES.values() and "_" in text


def is_position(text: str) -> bool:
    """Return whether the text has the form of a position, BOOK@POSITION."""
    return "@" in text


def trace_fact(tracing: Tracing, name: str, *, limit: int) -> FactTrace:
    """Trace a fact forward; `name` is a public id, or BOOK@POSITION; `limit` bounds every list.

    Raises `InvalidInput` and `InvalidId` for any other text, `NotFound` if the warehouse has no such fact.
    """
    cut, record, position = _by_id(tracing, name) if is_id(name) else _by_position(tracing, name)
    note_positions(tracing.warehouse, "SELECT ?, CAST(? AS bigint)", [record.TABLE, position])
    _, (batch,) = batches(tracing, cut, limit=1)
    return FactTrace(
        position=position,
        table=record.TABLE,
        row=_row(tracing, cut, record, position),
        cut=cut,
        build=tracing.build,
        source=source_of(tracing, cut, record.TABLE, limit=limit),
        batch=batch,
        marts=list(_standing(tracing, record.TABLE, cut, position, limit=limit)),
    )


def _by_id(tracing: Tracing, name: str) -> tuple[PinnedBook, type[Record], int]:
    nouns = [noun for noun in _BY_ID if name.startswith(f"{PREFIXES[noun]}_")]
    if not nouns:
        raise InvalidInput(
            f"{name} is of no {', '.join(_BY_ID)}; name any other fact by its position, as BOOK@POSITION"
        )
    (noun,) = nouns
    key = str(parse_public(noun, name))
    found = [
        (tracing.cuts[book_id], record, seq)
        for record in _BY_ID[noun]
        for book_id, seq in tracing.warehouse.execute(
            f"SELECT book_id, seq FROM lake.{record.TABLE} WHERE {noun}_id = ?",  # noqa: S608  # names of records
            [key],
        ).fetchall()
    ]
    if not found:
        raise NotFound(f"the warehouse has no {noun} {name}; it is true for {_reach(tracing)}: cofferdam build goes on")
    if len(found) > 1:
        places = ", ".join(f"{cut.book_name}@{seq}" for cut, _, seq in found)
        raise InvalidInput(f"{name} stands at several positions; name one of {places}")
    return found[0]


def _by_position(tracing: Tracing, name: str) -> tuple[PinnedBook, type[Record], int]:
    match = _POSITION.fullmatch(name)
    if match is None:
        raise InvalidInput(f"{name!r} is no position; write the book's name and a number, such as cards@1200")
    cuts = [cut for cut in tracing.cuts.values() if cut.book_name == match[1]]
    if not cuts or not 1 <= int(match[2]) <= cuts[0].watermark.seq:
        raise NotFound(f"the warehouse has no position {name}; it is true for {_reach(tracing)}")
    union = " UNION ALL ".join(
        f"SELECT '{record.TABLE}' FROM lake.{record.TABLE} WHERE book_id = $book AND seq = $seq"  # noqa: S608  # of FACTS
        for record in FACTS
    )
    asked = {"book": cuts[0].book_id, "seq": int(match[2])}
    ((table,),) = tracing.warehouse.execute(union, asked).fetchall()
    return cuts[0], next(record for record in FACTS if table == record.TABLE), int(match[2])


def _reach(tracing: Tracing) -> str:
    reached = ", ".join(f"{cut.book_name}@1 to @{cut.watermark.seq}" for cut in tracing.cuts.values())
    return reached or "no book"


def _row(tracing: Tracing, cut: PinnedBook, record: type[Record], position: int) -> dict[str, object]:
    """Return the fact's row in the lake, without personal columns and nulls."""
    names = [column.name for column in lake_columns(record) if not column.col.pii]
    (row,) = tracing.warehouse.execute(
        f"SELECT {', '.join(names)} FROM lake.{record.TABLE} WHERE book_id = ? AND seq = ?",  # noqa: S608  # of FACTS
        [cut.book_id, position],
    ).fetchall()
    return {name: value for name, value in zip(names, row, strict=True) if value is not None}


def _standing(tracing: Tracing, table: str, cut: PinnedBook, position: int, *, limit: int) -> Iterator[Standing]:
    for mart in tracing.marts:
        for origin in mart.origins:
            if origin.table == table:
                rows, keys = _rows(tracing, mart, origin, [cut.book_id, position], limit=limit)
                if rows:
                    yield Standing(mart.name, origin.what, rows, keys)


def _rows(tracing: Tracing, mart: Model, origin: Origin, place: list[Any], *, limit: int) -> tuple[int, list[Key]]:
    keys = ", ".join(f"mart.{name}" for name in mart.key)
    chosen = f"SELECT DISTINCT {keys} {tied(mart, origin)} AND fact.book_id = ? AND fact.{origin.position} = ?"
    counted = f"SELECT *, count(*) OVER () FROM ({chosen}) ORDER BY ALL LIMIT {int(limit)}"  # noqa: S608  # of the manifest
    rows = tracing.warehouse.execute(counted, place).fetchall()
    return (rows[0][-1] if rows else 0), [dict(zip(mart.key, row, strict=False)) for row in rows]
