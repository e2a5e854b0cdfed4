"""The lake's audit: compares every row of every table in the lake with the ledger's row."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
import pyarrow as pa
import sqlalchemy as sa
from deltalake.exceptions import DeltaError

from lake.bronze.read import Watermark, files_at, files_of, watermark
from lake.delta.damage import first_damage, first_damage_of, naming_damage
from lake.delta.logs import opened_table
from lake.delta.statistics import control_totals
from lake.duckdb_sessions import opened_memory
from lake.errors import DamagedLake, TableName
from lake.schema import arrow_schema
from lake.tables import Lake, PublishedWatermark
from ledger.book.audits.audit import Finding
from ledger.journal.acknowledgements import Acknowledgement, acknowledged_watermark
from ledger.journal.batches import chain_hash_at
from ledger.journal.journal import head
from ledger.kernel.errors import one_line
from ledger.kernel.record import Record, columns
from ledger.kernel.sql import table
from ledger.records import STREAMED
from ledger.tenancy.records import Book
from pipelines.stream.acknowledgement import acknowledged, strange_in, strange_watermarks
from pipelines.stream.rows import RecordRange, read_rows
from pipelines.stream.worker import feed_connection

_POSITIONS: Final = 50_000  # compared at once: both sides' rows of that many positions are in memory
_NAMED: Final = 3  # differences listed per range
_ROWS: Final = "rows"

UNREADABLE: Final = (DamagedLake, DeltaError, OSError, KeyError, ValueError, pa.ArrowException, duckdb.Error)
"""The errors of an unreadable lake."""


def compare(engine: sa.Engine, lake: Lake, book: Book) -> list[Finding]:
    """Compare the lake of a book with its ledger, row by row up to the watermark: a finding per table, and one more.

    Rows come from the Parquet files of each table's newest version, downloaded again from a remote store.
    """
    with feed_connection(engine) as connection, TemporaryDirectory() as folder, ExitStack() as held:
        told = acknowledged_watermark(connection, book.book_id)  # read before the lake, which is then at least as far
        try:
            cut = watermark(lake, book.name)
        except UNREADABLE as fault:
            return [Finding("lake_watermark", ok=False, detail=_unreadable(fault))]
        stands = acknowledged(lake, book, told, cut)
        if cut is None:
            return [stands if told else _without_watermark(connection, lake, book)]
        audit = _Audit(connection, replace(lake, cache=Path(folder)), held, book, cut, told)
        return [stands, audit.chain(), *(audit.table(record) for record in STREAMED)]


def compare_apart(
    connection: sa.Connection, lake: Lake, book: Book, records: Sequence[type[Record]], *, after: int = 0
) -> Iterator[Finding]:
    """Compare tables in a separate place, which were never acknowledged, from a position on, one after another."""
    cut = watermark(lake, book.name)
    if cut is None:
        return
    with TemporaryDirectory() as folder, ExitStack() as held:
        audit = _Audit(connection, replace(lake, cache=Path(folder)), held, book, cut, None, after)
        yield audit.chain()
        for record in records:
            yield audit.table(record)


@dataclass(slots=True)
class _Audit:
    connection: sa.Connection
    lake: Lake
    held: ExitStack
    book: Book
    cut: Watermark
    told: Acknowledgement | None
    after: int = 0
    memory: duckdb.DuckDBPyConnection | None = None
    """One DuckDB connection for all tables, as opening it takes as long as most of them; a new one after a failure."""

    def chain(self) -> Finding:
        """Compare the chain hash of the watermark with the ledger's link at that position."""
        here = chain_hash_at(self.connection, self.book.book_id, self.cut.seq)
        wrong = [] if here == self.cut.chain_hash else [f"position {self.cut.seq}: the chain head differs"]
        try:
            wrong += strange_watermarks(self.lake, self.book)
            if damage := first_damage(self.lake, self.book.name, PublishedWatermark):
                wrong.append(damage)
        except UNREADABLE as fault:
            wrong.append(_unreadable(fault))
        return Finding("lake_watermark", not wrong, "; ".join(wrong) or f"chain head at position {self.cut.seq}")

    def table(self, record: type[Record]) -> Finding:
        """Compare every row of a table up to the watermark; rows beyond the journal's end are surplus."""
        check = f"lake_{record.TABLE}"
        if self._is_to_come(record):
            return Finding(check, ok=True, detail="the stream makes it at its next look; the ledger has no row for it")
        try:
            with naming_damage(self.lake, [(self.book.name, record)]):
                opened = opened_table(self.lake, self.book.name, record)
                paths = files_of(self.lake, self.book.name, record, opened)
                last = head(self.connection, self.book.book_id).last_seq
                wrong, sums = self._differences(record, paths, last=last)
            wrong += strange_in(opened, self.lake, self.book, record, told=self.told)
            damage = first_damage_of(opened, self.lake, self.book.name, record)
        except UNREADABLE as fault:
            self.memory = None  # the connection may be broken by the same error
            return Finding(check, ok=False, detail=_unreadable(fault))
        if damage or wrong:
            remedy = damage or f"if hash_chain agrees, {TableName(self.book.name, record.TABLE).mended_by}"
            return Finding(check, ok=False, detail="; ".join([*wrong, remedy]))
        rows = sums.pop(_ROWS)
        totals = "".join(f", {currency} {total}" for currency, total in sorted(sums.items()))
        return Finding(check, ok=True, detail=f"{rows} rows equal the ledger's up to position {self.cut.seq}{totals}")

    def _is_to_come(self, record: type[Record]) -> bool:
        """Return whether a table was declared after the newest watermark, so that neither side has any row of it."""
        known = {*self.cut.versions, *(() if self.told is None else self.told.versions)}
        if record.TABLE in known or not known:
            return False
        stored = table(record)
        query = sa.select(sa.literal(1)).where(stored.c.book_id == self.book.book_id, stored.c.seq <= self.cut.seq)
        return self.connection.execute(query.limit(1)).first() is None

    def _differences(self, record: type[Record], files: list[str], *, last: int) -> tuple[list[str], Counter[str]]:
        """Return the first differences; and the number of compared rows, with their minor units by currency."""
        wrong, sums, in_ledger = [], Counter({_ROWS: 0}), Counter({_ROWS: 0})
        memory = self._opened_memory()
        wrong += self._strays(memory, files, last)
        for after in range(self.after, self.cut.seq, _POSITIONS):
            upto = min(after + _POSITIONS, self.cut.seq)
            ours = read_rows(self.connection, self.book.book_id, RecordRange(record, after, upto))
            theirs = _lake_rows(memory, record, files, after=after, upto=upto)
            sums.update({_ROWS: theirs.num_rows, **control_totals(theirs)})
            in_ledger.update({_ROWS: ours.num_rows, **control_totals(ours)})
            if not ours.cast(_lenient(record)).equals(theirs):
                wrong += _named(record, ours, theirs)
            if len(wrong) > _NAMED:
                return [*wrong[:_NAMED], "and more"], sums
        wrong += [
            f"{name}: {sums[name]} in the lake, {total} in the ledger"
            for name, total in in_ledger.items()
            if total != sums[name]
        ]
        return wrong, sums

    def _opened_memory(self) -> duckdb.DuckDBPyConnection:
        if self.memory is None:
            self.memory = self.held.enter_context(opened_memory())
            self.memory.execute("SET TimeZone = 'UTC'")
        return self.memory

    def _strays(self, memory: duckdb.DuckDBPyConnection, files: list[str], last: int) -> list[str]:
        """Return a finding for rows at positions that no range covers."""
        if not files:
            return []
        rows = memory.read_parquet(files, union_by_name=True, hive_partitioning=False)
        strays = rows.filter(f"seq < 1 OR seq > {last} OR book_id <> {self.book.book_id}")
        ((count,),) = strays.count("*").fetchall()
        return [f"{count} surplus rows at positions that the journal does not have"] if count else []


def _lake_rows(
    memory: duckdb.DuckDBPyConnection, record: type[Record], files: list[str], *, after: int, upto: int
) -> pa.Table:
    schema = _lenient(record)
    if not files:
        return schema.empty_table()
    rows = memory.read_parquet(files, union_by_name=True, hive_partitioning=False).filter(
        f"seq > {after} AND seq <= {upto}"
    )
    table: pa.Table = rows.order("seq").project(", ".join(schema.names)).to_arrow_table()
    return table.cast(schema)


def _lenient(record: type[Record]) -> pa.Schema:
    """Return the table's schema with every column nullable, so that an unexpected null counts as a difference."""
    return pa.schema(field.with_nullable(True) for field in arrow_schema(record))


def _named(record: type[Record], ours: pa.Table, theirs: pa.Table) -> list[str]:
    """Return the first differences of one range, each with table, position and kind."""
    ledger, lake = Counter(_tuples(ours)), Counter(_tuples(theirs))
    missing, surplus = list((ledger - lake).elements()), list((lake - ledger).elements())
    names = arrow_schema(record).names
    keys = [names.index(column.name) for column in columns(record) if column.col.key]
    by_key = {tuple(row[at] for at in keys): row for row in surplus}
    found = []
    for row in missing:
        twin = by_key.pop(tuple(row[at] for at in keys), None)
        found.append((row[names.index("seq")], _altered(names, row, twin) if twin else "is missing in the lake"))
    found += [(row[names.index("seq")], "is surplus in the lake") for row in by_key.values()]
    found.sort(key=str)
    return [f"{record.TABLE} at position {seq}: row {what}" for seq, what in found[: _NAMED + 1]]


def _altered(names: list[str], row: tuple[object, ...], twin: tuple[object, ...]) -> str:
    differing = [
        f"{name} is {theirs} in the lake, {ours} in the ledger"
        for name, ours, theirs in zip(names, row, twin, strict=True)
        if ours != theirs
    ]
    return "altered: " + ", ".join(differing)


def _tuples(table: pa.Table) -> Iterator[tuple[object, ...]]:
    return zip(*(column.to_pylist() for column in table.columns), strict=True)


def _unreadable(fault: Exception) -> str:
    said = one_line(fault, 500)
    return said if isinstance(fault, DamagedLake) else f"cannot be read: {said}"


def _without_watermark(connection: sa.Connection, lake: Lake, book: Book) -> Finding:
    """Return a success before the first row was streamed, and a failure afterwards."""
    check = "lake_watermark"
    if head(connection, book.book_id).last_seq == 0:
        return Finding(check, ok=True, detail="the journal is empty, and so is the lake")
    for record in STREAMED:
        try:
            present = files_at(lake, book.name, record, version=None)
        except (DeltaError, DamagedLake):
            continue
        if present:
            return Finding(check, ok=False, detail=f"no watermark, yet {record.TABLE} has rows")
    return Finding(check, ok=True, detail="nothing of the journal has been streamed yet")
