"""The same lake in an object store, reached over HTTP."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa

from lake.bronze.append import PositionRange, TableWriter
from lake.bronze.publish import WatermarkWriter
from lake.bronze.read import Watermark, files, watermark
from lake.tables import Lake
from ledger.book.records.transfers import Transfer
from ledger.tenancy.records import Book
from tests.lake.conftest import CARDS

HEAD = "ab" * 32
Rows = Callable[..., pa.Table]


def test_rows_and_watermark_reach_an_object_store_and_are_read_through_the_cache(
    store_lake: Lake, book: Book, transfers: Rows
) -> None:
    writer = TableWriter.open(store_lake, CARDS, Transfer, cluster_id="7001")
    writer.append(transfers(0, 3), PositionRange(0, 3, HEAD))
    WatermarkWriter.open(store_lake, book, cluster_id="7001").publish(Watermark(3, HEAD, {"transfers": writer.version}))
    writer.append(transfers(3, 9), PositionRange(3, 9, HEAD))

    cut = watermark(store_lake, "cards")
    assert cut is not None
    pinned = files(store_lake, "cards", Transfer, cut)

    query = "SELECT seq FROM read_parquet($pinned) WHERE seq <= 3 ORDER BY seq"
    rows = duckdb.sql(query, params={"pinned": pinned}).fetchall()
    assert rows == [(1,), (2,), (3,)]
    assert all(Path(path).is_relative_to(store_lake.cache) for path in pinned)
    assert files(store_lake, "cards", Transfer, cut) == pinned
