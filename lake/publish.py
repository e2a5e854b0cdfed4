"""Publishing a book's watermark: the one row that says up to which position, at which versions, the lake is complete.

Each publication replaces the row before it, so that the table stays one small file whatever the number of ticks, and
two workers can never both succeed; the rows before it stay readable by Delta's time travel for a while.
"""

import json
from typing import Final, Self

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError

from lake.delta import COMPRESSION, application_id, commit_properties, open_delta
from lake.errors import Fenced
from lake.read import Watermark, published
from lake.schema import arrow_schema
from lake.tables import Lake, PublishedWatermark
from ledger.records.books import Book


class WatermarkWriter:
    """A held handle on a book's watermark."""

    def __init__(self, table: DeltaTable, book: Book, app_id: str) -> None:
        self.table: Final = table
        self._book: Final = book
        self._app_id: Final = app_id
        self.newest = published(table)
        """What was published last; None in a new lake."""

    @classmethod
    def open(cls, lake: Lake, book: Book, *, cluster_id: str) -> Self:
        """Open the table of watermarks, or make it. Raises `ForeignLake`."""
        options = {
            "delta.deletedFileRetentionDuration": "interval 1 hours",
            "delta.logRetentionDuration": "interval 1 days",
        }
        table = open_delta(lake, book.name, PublishedWatermark, cluster_id=cluster_id, options=options)
        return cls(table, book, application_id(cluster_id, book.name, PublishedWatermark))

    def publish(self, cut: Watermark) -> None:
        """Make `cut` the newest watermark; a lower position is left alone, as is what already stands. Raises `Fenced`.

        The same position may be published with newer versions: a compaction moves those, and the files of the older
        ones are deleted in time.
        """
        mark = self.table.transaction_version(self._app_id) or 0
        if cut.seq < mark or cut == self.newest:
            return
        properties = commit_properties(self._app_id, cut.seq, {"chain_hash": cut.chain_hash})
        try:
            write_deltalake(
                self.table,
                self._row(cut),
                mode="overwrite",
                writer_properties=COMPRESSION,
                commit_properties=properties,
            )
        except CommitFailedError as error:
            raise Fenced(f"another worker publishes the watermark of book {self._book.name!r}: {error}") from error
        self.newest = cut

    def _row(self, cut: Watermark) -> pa.Table:
        row = {
            "book_id": self._book.book_id,
            "book_name": self._book.name,
            "seq": cut.seq,
            "chain_hash": cut.chain_hash,
            "versions": json.dumps(cut.versions, sort_keys=True),
        }
        return pa.Table.from_pylist([row], schema=arrow_schema(PublishedWatermark))
