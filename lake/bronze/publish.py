"""Publishes a book's watermark: one row with the position up to which the lake is complete, and its tables' versions.

Each publication replaces the row before it, so that the table stays one small file whatever the number of ticks, and
two workers can never both succeed; earlier rows can be read by Delta's time travel for a while.
"""

import json
from typing import Final, Self

import pyarrow as pa

from lake.bronze.read import Watermark, published
from lake.delta.commits import Change, CommitLog
from lake.delta.damage import naming_damage
from lake.delta.files import DataFile, Level, live_files, write_file
from lake.delta.opening import open_delta, open_log
from lake.errors import DamagedLake, Fenced, TableName
from lake.schema import arrow_schema
from lake.tables import Lake, PublishedWatermark
from ledger.tenancy.records import Book

WATERMARK_OPTIONS: Final = {
    "delta.deletedFileRetentionDuration": "interval 1 hours",
    "delta.logRetentionDuration": "interval 2 hours",
}
"""The table's properties, by Delta's names."""


class WatermarkWriter:
    """Appends to the log of a book's table of watermarks."""

    def __init__(self, log: CommitLog, book: Book, live: list[DataFile], newest: Watermark | None) -> None:
        self._log: Final = log
        self._book: Final = book
        self._live = live
        self.newest = newest
        """The watermark published last; None in a new lake."""
        self.commits = 0
        """The number of commits of this writer, which maintenance uses."""

    def require_own(self) -> None:
        """Check that the newest commit of the table exists and is its own: see `CommitLog.require_own`."""
        self._log.require_own()

    def look(self) -> None:
        """Read the commits of others since: see `CommitLog.look`."""
        self._log.look()

    @classmethod
    def open(cls, lake: Lake, book: Book, *, cluster_id: str) -> Self:
        """Open the table of watermarks, or create it. Raises `ForeignLake`, `DamagedLake`."""
        table = open_delta(lake, book, PublishedWatermark, cluster_id=cluster_id, options=WATERMARK_OPTIONS)
        log = open_log(lake, book.name, PublishedWatermark, table, cluster_id=cluster_id)
        with naming_damage(lake, [(book.name, PublishedWatermark)]):
            newest = published(table)
        if (newest.seq if newest else 0) != log.mark:
            name = TableName(book.name, PublishedWatermark.TABLE)
            raise DamagedLake(
                f"{name} was changed by somebody else: its log says position {log.mark}, its rows say "
                f"{newest.seq if newest else 'none'}; make it anew: {name.remedy}"
            )
        return cls(log, book, live_files(table), newest)

    def publish(self, cut: Watermark) -> None:
        """Publish a watermark, unless it is lower than, or equal to, the newest one.

        The same position may be published again with newer versions, after compaction. Raises `Fenced`, `OSError`, and
        the errors of `CommitLog.look`.
        """
        if cut.seq < self._log.mark or cut == self.newest:
            return
        file = write_file(self._log.store, [self._row(cut)], partition={}, measured=("seq",), level=Level.NEW)
        said = {"chain_hash": cut.chain_hash, "upto_seq": str(cut.seq)}
        if not self._log.enter(Change([file], self._live), said, mark=cut.seq):
            raise Fenced(f"another worker publishes the watermark of book {self._book.name!r}")
        self._live, self.newest = [file], cut
        self.commits += 1

    def _row(self, cut: Watermark) -> pa.Table:
        row = {
            "book_id": self._book.book_id,
            "book_name": self._book.name,
            "seq": cut.seq,
            "chain_hash": cut.chain_hash,
            "versions": json.dumps(cut.versions, sort_keys=True),
        }
        return pa.Table.from_pylist([row], schema=arrow_schema(PublishedWatermark))
