"""Writing silver: the changes of a range and the journal position they reach go into one Delta commit, or neither.

It is fenced as the append to bronze is: the handle that read the mark is the one that commits.
"""

from collections import Counter
from typing import Final, Self

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.exceptions import CommitFailedError

from lake.delta.commits import BY_US, WRITER
from lake.delta.maintenance import FILE_BYTES, sweep
from lake.delta.opening import COMPRESSION, application_id, open_delta
from lake.errors import Fenced
from lake.schema import arrow_schema
from lake.silver.changes import IS_GONE
from lake.silver.tables import SilverTable
from lake.tables import Lake
from ledger.kernel.record import columns
from ledger.tenancy.records import Book

_FILES_MAX: Final = 32
"""Live files of one partition: a merge reads those that may hold its keys, and their footers cost as much as rows."""

_COMMITS_PER_SWEEP: Final = 500


class SilverWriter:
    """A held handle on one table of silver, with the position that its rows stand at."""

    def __init__(self, table: DeltaTable, declared: SilverTable, app_id: str) -> None:
        self.table: Final = table
        self.declared: Final = declared
        self._app_id: Final = app_id
        self._commits = 0
        self.mark = table.transaction_version(app_id) or 0
        """The position that the rows of this handle stand at; 0 in a new table."""

    @classmethod
    def open(cls, lake: Lake, book: Book, declared: SilverTable, *, cluster_id: str) -> Self:
        """Open the table, or make it, and delete what a killed worker left of it. Raises `ForeignLake`, `Misplaced`."""
        options = {
            "delta.dataSkippingStatsColumns": ",".join(declared.measured),
            # A commit replaces files, where one of bronze adds one: a week of them would be a hundred times the table.
            "delta.deletedFileRetentionDuration": "interval 1 hours",
            "delta.logRetentionDuration": "interval 2 hours",
        }
        table = open_delta(
            lake,
            book,
            declared.record,
            cluster_id=cluster_id,
            options=options,
        )
        sweep(table, orphans=True)
        return cls(table, declared, application_id(cluster_id, book.name, declared.record))

    def apply(self, changes: pa.Table, *, after: int, upto: int) -> None:
        """Commit the changes that the positions after < seq <= upto make, with `upto` as the new mark.

        Raises `Fenced` when the table does not stand at `after`, or another writer was here since it was opened.
        """
        name = self.declared.record.TABLE
        if self.mark != after:
            raise Fenced(f"{name} stands at position {self.mark}; these changes begin after {after}")
        said = {"rows": str(changes.num_rows), "after_seq": str(after), "upto_seq": str(upto)}
        properties = CommitProperties(
            custom_metadata={**said, "writer": WRITER}, app_transactions=[Transaction(self._app_id, upto)]
        )
        try:
            if changes.num_rows:
                self._merge(changes, properties)
            else:
                self._move_mark(properties)
        except CommitFailedError as error:
            raise Fenced(f"another worker writes to {name}: {error}") from error
        self.mark = upto
        self._commits += 1

    def tidy(self) -> None:
        """Join the files of a partition that has too many, and delete now and then what was replaced long ago."""
        live = pa.table(self.table.get_add_actions(flatten=True))
        parts = list(
            zip(*(live[f"partition.{name}"].to_pylist() for name in self.declared.record.PARTITIONS), strict=True)
        )
        files = Counter(parts) if self.declared.record.PARTITIONS else Counter({(): live.num_rows})
        for values, count in files.items():
            if count > _FILES_MAX:
                filters = [
                    (name, "=", str(value)) for name, value in zip(self.declared.record.PARTITIONS, values, strict=True)
                ]
                self.table.optimize.compact(
                    partition_filters=filters or None,
                    target_size=FILE_BYTES,
                    writer_properties=COMPRESSION,
                    commit_properties=BY_US,
                )
        if self._commits >= _COMMITS_PER_SWEEP:
            self._commits = 0
            sweep(self.table)

    def _merge(self, changes: pa.Table, properties: CommitProperties) -> None:
        record = self.declared.record
        keys = [column.name for column in columns(record) if column.col.key]
        values = {name: f"source.{name}" for name in arrow_schema(record).names}
        merger = self.table.merge(
            changes,
            " AND ".join(f"target.{key} = source.{key}" for key in keys),
            source_alias="source",
            target_alias="target",
            writer_properties=COMPRESSION,
            streamed_exec=False,  # so that the keys of the changes tell which files need not be read
            commit_properties=properties,
        )
        merger = merger.when_matched_delete(f"source.{IS_GONE}")
        merger = merger.when_matched_update(values, predicate=f"NOT source.{IS_GONE}")
        merger.when_not_matched_insert(values, predicate=f"NOT source.{IS_GONE}").execute()

    def _move_mark(self, properties: CommitProperties) -> None:
        """Nothing changed in this table: only the position that its rows stand at."""
        partitions = list(self.declared.record.PARTITIONS)
        self.table.create_write_transaction([], "append", self.table.schema(), partitions, commit_properties=properties)
        self.table.update_incremental()
