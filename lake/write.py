"""The exactly-once append: rows and the journal position they reach go into one Delta commit, or neither does.

Delta's application transaction alone is not idempotent: the same, or even a lower, version is accepted again. What
makes it so is the order kept here: open a handle, read its mark, compare, and commit with that same handle, so that
Delta refuses the commit if another writer moved the mark in between.
"""

import json
from dataclasses import dataclass
from typing import Final, Self

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError

from lake.delta import COMPRESSION, application_id, commit_properties, open_delta
from lake.errors import Fenced
from lake.tables import Lake, bronze_table
from ledger.kernel.record import Record

_EXACT: Final = pa.decimal128(38, 0)  # a sum of bigints may be larger than one


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the journal: the positions after < seq <= upto, and the chain's head (hex) that they lead to."""

    after: int
    upto: int
    chain_hash: str


class TableWriter:
    """A held handle on one bronze table, with the position that its rows reach."""

    def __init__(self, table: DeltaTable, record: type[Record], app_id: str) -> None:
        self.table: Final = table
        self.record: Final = record
        self._app_id: Final = app_id
        self.small_files = len(table.file_uris())
        """Files that a compaction may join: those found at the opening, and one more with each commit."""

    @classmethod
    def open(cls, lake: Lake, book_name: str, record: type[Record], *, cluster_id: str) -> Self:
        """Open the table, or make it. Raises `ForeignLake`."""
        declared = bronze_table(record)
        options = {
            "delta.appendOnly": "true",
            "delta.dataSkippingStatsColumns": ",".join(declared.measured),
            "delta.deletedFileRetentionDuration": "interval 7 days",
        }
        table = open_delta(lake, book_name, record, cluster_id=cluster_id, options=options)
        return cls(table, record, application_id(cluster_id, book_name, record))

    @property
    def mark(self) -> int:
        """The position that the rows of this handle reach; 0 in a new table."""
        return self.table.transaction_version(self._app_id) or 0

    @property
    def version(self) -> int:
        """The Delta version of this handle."""
        return self.table.version()

    def append(self, rows: pa.Table, stretch: Stretch) -> int:
        """Commit the rows of a stretch with its end as the new mark; how many rows were written.

        A stretch that the table already holds is left alone, and one without rows makes no commit. Raises `Fenced`
        when another writer was here since the handle was opened: drop it, and open the table anew.
        """
        mark = self.mark
        if stretch.upto <= mark or rows.num_rows == 0:
            return 0
        if stretch.after < mark:
            raise Fenced(f"{self.record.TABLE} holds positions up to {mark}; these rows begin after {stretch.after}")
        properties = commit_properties(self._app_id, stretch.upto, _metadata(rows, stretch))
        try:
            write_deltalake(
                self.table, rows, mode="append", writer_properties=COMPRESSION, commit_properties=properties
            )
        except CommitFailedError as error:
            raise Fenced(f"another worker writes to {self.record.TABLE}: {error}") from error
        self.small_files += 1
        return int(rows.num_rows)


def _metadata(rows: pa.Table, stretch: Stretch) -> dict[str, str]:
    positions = rows["seq"]
    return {
        "rows": str(rows.num_rows),
        "first_seq": str(positions[0]),
        "last_seq": str(positions[-1]),
        "upto_seq": str(stretch.upto),
        "chain_hash": stretch.chain_hash,
        "control_totals": json.dumps(_control_totals(rows)),
    }


def _control_totals(rows: pa.Table) -> dict[str, str]:
    """Sum of the amounts per currency, in minor units, whether they were moved, held or released."""
    if "amount_minor" not in rows.column_names:
        return {}
    amounts = pa.table({"currency": rows["currency"], "amount": rows["amount_minor"].cast(_EXACT)})
    sums = amounts.group_by("currency").aggregate([("amount", "sum")])
    return {str(name): str(total) for name, total in zip(sums["currency"], sums["amount_sum"], strict=True)}
