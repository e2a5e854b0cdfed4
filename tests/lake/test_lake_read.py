"""Watermarks, and the files that they pin."""

from collections.abc import Callable

import duckdb
import pyarrow as pa
import pytest

from lake.bronze.append import PositionRange, TableWriter
from lake.bronze.publish import WatermarkWriter
from lake.bronze.read import Watermark, files, watermark
from lake.errors import Fenced
from lake.tables import Lake
from ledger.book.records.transfers import RefusedTransfer, Transfer
from ledger.tenancy.records import Book
from tests.lake.conftest import CARDS

HEAD = "ab" * 32
Rows = Callable[..., pa.Table]


def positions(lake: Lake, cut: Watermark) -> list[int]:
    values = {"files": files(lake, "cards", Transfer, cut), "upto": cut.seq}
    rows = duckdb.sql("SELECT seq FROM read_parquet($files) WHERE seq <= $upto ORDER BY seq", params=values)
    return [seq for (seq,) in rows.fetchall()]


def test_before_the_first_publication_there_is_no_watermark(lake: Lake, book: Book) -> None:
    assert watermark(lake, "cards") is None

    WatermarkWriter.open(lake, book, cluster_id="7001")

    assert watermark(lake, "cards") is None


def test_a_watermark_states_which_rows_are_complete(lake: Lake, book: Book, transfers: Rows) -> None:
    writer = TableWriter.open(lake, CARDS, Transfer, cluster_id="7001")
    writer.append(transfers(0, 3), PositionRange(0, 3, HEAD))

    cut = Watermark(3, HEAD, {"transfers": writer.version})
    WatermarkWriter.open(lake, book, cluster_id="7001").publish(cut)
    writer.append(transfers(3, 9), PositionRange(3, 9, HEAD))

    assert watermark(lake, "cards") == cut
    assert positions(lake, cut) == [1, 2, 3]
    assert files(lake, "cards", RefusedTransfer, cut) == []


def test_the_newest_watermark_wins_and_a_lower_one_is_left_alone(lake: Lake, book: Book) -> None:
    watermarks = WatermarkWriter.open(lake, book, cluster_id="7001")

    for seq in (5, 9, 7):
        watermarks.publish(Watermark(seq, HEAD, {}))

    assert watermark(lake, "cards") == Watermark(9, HEAD, {})


def test_the_same_position_may_be_published_with_newer_versions(lake: Lake, book: Book) -> None:
    watermarks = WatermarkWriter.open(lake, book, cluster_id="7001")

    watermarks.publish(Watermark(5, HEAD, {"transfers": 1}))
    watermarks.publish(Watermark(5, HEAD, {"transfers": 2}))

    assert watermark(lake, "cards") == Watermark(5, HEAD, {"transfers": 2})


def test_of_two_publishers_that_opened_at_once_only_one_succeeds(lake: Lake, book: Book) -> None:
    one, other = (WatermarkWriter.open(lake, book, cluster_id="7001") for _ in range(2))

    one.publish(Watermark(5, HEAD, {}))
    with pytest.raises(Fenced, match="another worker writes to watermarks"):
        other.publish(Watermark(6, HEAD, {}))

    assert watermark(lake, "cards") == Watermark(5, HEAD, {})
