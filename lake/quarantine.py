"""The quarantine of a book: one Delta table of foreign rows that were not taken, each in it once, whoever is killed.

A commit is a merge by the id of the row: what is there is not brought again, and only what waits is settled. So every
write may be done again, and who finds the table changed does it again. Each commit moves a number in the table's own
log, through the handle that read it: of two at once one fails.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, Self

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.exceptions import CommitFailedError, TableNotFoundError
from deltalake.table import TableMerger

from lake.commits import WRITER
from lake.delta import COMPRESSION, application_id, open_delta
from lake.errors import Fenced
from lake.memory import opened_memory
from lake.quarantined_rows import QuarantinedRow, RowState
from lake.read import files_at
from lake.schema import arrow_schema
from lake.tables import Lake, bronze_table
from lake.upkeep import FILE_BYTES, sweep
from ledger.records.books import Book

FILES_MAX: Final = 32
"""Live files above which they are joined: a merge reads all of them."""

WAITS: Final = f"state = '{RowState.WAITING}'"
"""What is true of a row that waits."""

IS_ONE: Final = "row_id IN (SELECT unnest($ids))"
"""What is true of a row whose id is one of `ids`."""

_TRIES: Final = 8
_OPTIONS: Final = {
    "delta.deletedFileRetentionDuration": "interval 1 hours",
    "delta.logRetentionDuration": "interval 2 hours",
}

_Clause = Callable[[TableMerger], TableMerger]


class QuarantineTable:
    """A held handle on the quarantine of a book."""

    def __init__(self, table: DeltaTable, app_id: str) -> None:
        self._table: Final = table
        self._app_id: Final = app_id

    @classmethod
    def open(cls, lake: Lake, book: Book, *, cluster_id: str) -> Self:
        """Open the table, or make it. Raises `ForeignLake`, `OSError`, `DeltaError`."""
        measured = {"delta.dataSkippingStatsColumns": ",".join(bronze_table(QuarantinedRow).measured)}
        options = {**measured, **_OPTIONS}
        table = open_delta(lake, book, QuarantinedRow, cluster_id=cluster_id, options=options)
        return cls(table, application_id(cluster_id, book.name, QuarantinedRow))

    def bring(self, rows: pa.Table) -> None:
        """Add the rows whose ids are not there. Raises `Fenced` where others write again and again."""
        self._merge(rows, lambda merger: merger.when_not_matched_insert_all())

    def settle(self, changes: pa.Table) -> None:
        """Give the rows that wait the values of `changes`, which has `row_id` and columns of the table.

        Raises `Fenced` as above. A row that was settled before is left alone.
        """
        values = {name: f"source.{name}" for name in changes.column_names if name != "row_id"}
        self._merge(changes, lambda merger: merger.when_matched_update(values, predicate=f"target.{WAITS}"))

    def tidy(self) -> None:
        """Join the files where they are too many, and delete those that were replaced long ago or never finished."""
        if len(self._table.file_uris()) > FILES_MAX:
            with suppress(CommitFailedError):  # somebody has just written: the next one joins them
                self._table.optimize.compact(target_size=FILE_BYTES, writer_properties=COMPRESSION)
        sweep(self._table, orphans=True)

    def _merge(self, rows: pa.Table, asked: _Clause) -> None:
        for tries in range(_TRIES, 0, -1):
            count = self._table.transaction_version(self._app_id) or 0
            properties = CommitProperties(
                custom_metadata={"rows": str(rows.num_rows), "writer": WRITER},
                app_transactions=[Transaction(self._app_id, count + 1)],
            )
            merger = self._table.merge(
                rows,
                "target.row_id = source.row_id",
                source_alias="source",
                target_alias="target",
                writer_properties=COMPRESSION,
                streamed_exec=False,
                commit_properties=properties,
            )
            try:
                asked(merger).execute()
            except CommitFailedError as fault:
                if tries == 1:
                    raise Fenced(f"others write to the quarantine again and again: {fault}") from fault
                self._table.update_incremental()
            else:
                return


def quarantined(lake: Lake, book_name: str, names: Sequence[str], where: str = "true", **values: object) -> pa.Table:
    """Columns of the rows in quarantine for which `where` is true, in no order; none where there is no table.

    `where` is SQL over the table's columns, with the `values` by their names. Raises `OSError`, `duckdb.Error`.
    """
    schema = pa.schema([arrow_schema(QuarantinedRow).field(name) for name in names])
    try:
        paths = files_at(lake, book_name, QuarantinedRow, version=None)
    except TableNotFoundError:
        paths = []
    if not paths:
        return schema.empty_table()
    files = "read_parquet($paths, union_by_name = true, hive_partitioning = false)"
    chosen = f"SELECT {', '.join(names)} FROM {files} WHERE {where}"  # noqa: S608  # conditions of ours
    with opened_memory() as memory:
        memory.execute("SET TimeZone = 'UTC'")
        return memory.sql(chosen, params={"paths": paths, **values}).to_arrow_table().cast(schema)


def waiting_rows(lake: Lake, book_name: str) -> int:
    """How many rows of a book wait."""
    return int(quarantined(lake, book_name, ["state"], WAITS).num_rows)
