"""Publishing a book's watermark: the one row that says up to which position, at which versions, the lake is complete.

Each publication replaces the row before it, so that the table stays one small file whatever the number of ticks, and
two workers can never both succeed; the rows before it stay readable by Delta's time travel for a while.
"""

import json
from typing import Final, Self

import pyarrow as pa

from lake.commits import Change, CommitLog
from lake.delta import open_delta, open_log
from lake.errors import Fenced
from lake.files import DataFile, Level, write_file
from lake.read import Watermark, live_files, published
from lake.schema import arrow_schema
from lake.tables import Lake, PublishedWatermark
from ledger.records.books import Book

_OPTIONS: Final = {
    "delta.deletedFileRetentionDuration": "interval 1 hours",
    "delta.logRetentionDuration": "interval 2 hours",
}


class WatermarkWriter:
    """A held place at the end of a book's table of watermarks."""

    def __init__(self, log: CommitLog, book: Book, live: list[DataFile], newest: Watermark | None) -> None:
        self._log: Final = log
        self._book: Final = book
        self._live = live
        self.newest = newest
        """What was published last; None in a new lake."""
        self.commits = 0
        """How many commits this writer made, for who keeps the table in order."""

    @classmethod
    def open(cls, lake: Lake, book: Book, *, cluster_id: str) -> Self:
        """Open the table of watermarks, or make it. Raises `ForeignLake`."""
        table = open_delta(lake, book, PublishedWatermark, cluster_id=cluster_id, options=_OPTIONS)
        log = open_log(lake, book.name, PublishedWatermark, table, cluster_id=cluster_id)
        return cls(log, book, live_files(table), published(table))

    def publish(self, cut: Watermark) -> None:
        """Make `cut` the newest watermark; a lower position is left alone, as is what already stands.

        The same position may be published with newer versions, which folding moves. Raises `Fenced`, `OSError`.
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
