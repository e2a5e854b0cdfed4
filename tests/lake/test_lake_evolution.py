"""A table that an earlier version wrote gets the columns that have come since, and keeps its rows and its place."""

from collections.abc import Callable
from dataclasses import make_dataclass
from pathlib import Path
from typing import Annotated, get_type_hints

import duckdb
import pyarrow as pa
import pytest
from deltalake import DeltaTable

from lake.bronze.append import PositionRange, TableWriter
from lake.bronze.read import Watermark, files
from lake.delta.compaction import FAN
from lake.errors import ForeignLake
from lake.schema import arrow_schema, schema_version
from lake.tables import Lake, PublishedWatermark, table_url
from ledger.book.records.transfers import Transfer
from ledger.kernel.record import Col, Record, columns
from ledger.records import STREAMED
from tests.lake.conftest import CARDS

HEAD = "ab" * 32
GOLDEN = Path(__file__).parents[1] / "golden" / "lake_schemas.txt"
Rows = Callable[..., pa.Table]


def next_version(*added: tuple[str, object]) -> type[Record]:
    """The record as a later version of us would have it: the same columns, and others behind them."""
    hints = get_type_hints(Transfer, include_extras=True)
    fields = [(column.name, hints[column.name]) for column in columns(Transfer)]
    made = make_dataclass("Transfer", [*fields, *added], bases=(Record,), frozen=True, slots=True)
    made.TABLE, made.__doc__ = Transfer.TABLE, Transfer.__doc__  # type: ignore[attr-defined]  # as `record` leaves it
    return made


LATER = next_version(
    ("channel", Annotated[str | None, Col("Where it was ordered.")]),
    ("device_no", Annotated[int | None, Col("Number of the device.")]),
)


def opened(lake: Lake, record: type[Record]) -> TableWriter:
    return TableWriter.open(lake, CARDS, record, cluster_id="7001")


def table(lake: Lake, version: int | None = None) -> DeltaTable:
    return DeltaTable(table_url(lake.url, "cards", Transfer), version=version, storage_options=lake.storage_options)


def later(rows: pa.Table) -> pa.Table:
    for name, value in (("channel", "app"), ("device_no", 7)):
        rows = rows.append_column(name, pa.array([value] * len(rows)))
    return rows


def test_an_upgraded_writer_adds_the_columns_and_goes_on_where_the_former_one_stopped(
    lake: Lake, transfers: Rows
) -> None:
    opened(lake, Transfer).append(transfers(0, 3), PositionRange(0, 3, HEAD))
    former = table(lake)

    writer = opened(lake, LATER)
    assert writer.mark == 3
    writer.append(later(transfers(3, 5)), PositionRange(3, 5, HEAD))

    now = table(lake).to_pyarrow_table().sort_by("seq")
    assert now["channel"].to_pylist() == [None] * 3 + ["app"] * 2
    assert now["device_no"].to_pylist() == [None] * 3 + [7] * 2
    assert "channel" not in former.to_pyarrow_table().column_names, "who reads at the former version sees it as it was"
    assert table(lake).metadata().configuration["cofferdam.schema"] == schema_version(LATER)
    comments = {field.name: field.metadata.get("comment") for field in table(lake).schema().fields}
    assert comments["channel"] == "Where it was ordered."


def test_readers_of_the_former_columns_read_on_and_those_of_the_new_see_nulls(lake: Lake, transfers: Rows) -> None:
    opened(lake, Transfer).append(transfers(0, 3), PositionRange(0, 3, HEAD))
    opened(lake, LATER).append(later(transfers(3, 5)), PositionRange(3, 5, HEAD))
    paths = files(lake, "cards", Transfer, Watermark(5, HEAD, {"transfers": 1}))

    former = duckdb.read_parquet(paths, union_by_name=True).project(", ".join(arrow_schema(Transfer).names))
    new = duckdb.read_parquet(paths, union_by_name=True).project("seq, device_no").order("seq")

    assert len(former.fetchall()) == 5
    assert new.fetchall() == [(1, None), (2, None), (3, None), (4, 7), (5, 7)]


def test_files_of_both_versions_are_folded_into_one(lake: Lake, transfers: Rows) -> None:
    writer = opened(lake, Transfer)
    for upto in range(1, FAN):
        writer.append(transfers(upto - 1, upto), PositionRange(upto - 1, upto, HEAD))

    opened(lake, LATER)

    (path,) = files(lake, "cards", Transfer, Watermark(FAN, HEAD, {"transfers": 1}))
    assert "channel" in pa.parquet.read_schema(path).names
    assert table(lake).to_pyarrow_table().num_rows == FAN - 1


def test_a_former_version_does_not_write_over_a_later_one(lake: Lake) -> None:
    opened(lake, LATER)

    with pytest.raises(
        ForeignLake,
        match=r"columns that this version does not know, channel, device_no: a later version of Cofferdam added them",
    ):
        opened(lake, Transfer)


def test_a_column_never_changes_its_type(lake: Lake) -> None:
    opened(lake, next_version(("channel", Annotated[int | None, Col("A number.")])))

    with pytest.raises(ForeignLake, match="another type in channel"):
        opened(lake, LATER)


def test_no_column_that_was_once_written_is_gone_or_has_another_type() -> None:
    """The golden file holds every column that the lake was ever written with; new ones come behind them."""
    wanted = {record.TABLE: shown(record) for record in (*STREAMED, PublishedWatermark)}
    written = {
        name: columns.split() for name, columns in (line.split(": ") for line in GOLDEN.read_text().splitlines())
    }

    assert {name: [each for each in columns if each not in wanted[name]] for name, columns in written.items()} == {
        name: [] for name in written
    }
    assert wanted == written, "columns or tables have come: make generated"


def shown(record: type[Record]) -> list[str]:
    return [f"{field.name}:{str(field.type).replace(' ', '')}" for field in arrow_schema(record)]
