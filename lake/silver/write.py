"""Writes silver: the changes of a range and the journal position that they reach are committed together.

It is fenced like the append to bronze: the table object that read the position is the one that commits.
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
"""Maximum number of live files per partition: a merge reads all that may hold its keys, footers included."""

_COMMITS_PER_SWEEP: Final = 500


class SilverWriter:
    """Writes one table of silver, and knows the position of its rows."""

    def __init__(self, table: DeltaTable, declared: SilverTable, app_id: str) -> None:
        self.table: Final = table
        self.declared: Final = declared
        self._app_id: Final = app_id
        self._commits = 0
        self.mark = table.transaction_version(app_id) or 0
        """The position of the rows in this table object; 0 in a new table."""

    @classmethod
    def open(cls, lake: Lake, book: Book, declared: SilverTable, *, cluster_id: str) -> Self:
        """Open the table, or create it, and delete what a killed worker left there.

        Raises `ForeignLake`, `Misplaced`.
        """
        options = {
            "delta.dataSkippingStatsColumns": ",".join(declared.measured),
            # A commit replaces files, where one of bronze adds one: a week of them would be a hundred times the table's
            # size.
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
        """Commit the changes of the positions after < seq <= upto, with `upto` as the new position.

        Raises `Fenced` if the table is not at `after`, or another writer has committed since it was opened.
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
        """Merge the files of a partition that has too many, and from time to time delete files replaced long ago."""
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
            streamed_exec=False,  # so that files without keys of the changes are skipped
            commit_properties=properties,
        )
        merger = merger.when_matched_delete(f"source.{IS_GONE}")
        merger = merger.when_matched_update(values, predicate=f"NOT source.{IS_GONE}")
        merger.when_not_matched_insert(values, predicate=f"NOT source.{IS_GONE}").execute()

    def _move_mark(self, properties: CommitProperties) -> None:
        """Commit a new position without changes of rows."""
        partitions = list(self.declared.record.PARTITIONS)
        self.table.create_write_transaction([], "append", self.table.schema(), partitions, commit_properties=properties)
        self.table.update_incremental()
