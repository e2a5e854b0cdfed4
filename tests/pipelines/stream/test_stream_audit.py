"""The audit finds any single row that is missing, surplus or altered, and names it."""

import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from deltalake import DeltaTable, write_deltalake

from lake.tables import Lake, PublishedWatermark, table_url
from ledger.book.audit import Finding
from ledger.kernel.record import Record
from ledger.records.books import JournalBatch
from ledger.records.transfers import RefusedTransfer, Transfer
from pipelines.stream.audit import compare
from pipelines.stream.worker import stream_once
from tests.pipelines.stream.programme import Programme


@pytest.fixture
def streamed(lake: Lake, programme: Programme) -> Programme:
    programme.pay(60)
    stream_once(programme.engine, lake, programme.book)
    return programme


def table(lake: Lake, record: type[Record]) -> DeltaTable:
    return DeltaTable(table_url(lake.url, "cards", record))


def wrong(lake: Lake, programme: Programme) -> list[Finding]:
    return [finding for finding in compare(programme.engine, lake, programme.book) if not finding.ok]


def some_position(lake: Lake, record: type[Record]) -> int:
    return int(table(lake, record).to_pyarrow_table()["seq"][7].as_py())


def delete_for_good(lake: Lake, record: type[Record], predicate: str) -> None:
    opened = table(lake, record)
    opened.alter.set_table_properties({"delta.appendOnly": "false"})
    opened.delete(predicate)


def test_a_lake_that_equals_its_ledger_has_nothing_wrong(lake: Lake, streamed: Programme) -> None:
    findings = compare(streamed.engine, lake, streamed.book)

    assert all(finding.ok for finding in findings)
    assert any(
        finding.check == "lake_transfers" and "rows equal the ledger's" in finding.detail for finding in findings
    )


def test_an_amount_changed_in_the_ledger_is_named_with_both_values(
    lake: Lake, streamed: Programme, tampering: sa.Engine
) -> None:
    seq = some_position(lake, Transfer)
    with tampering.begin() as connection:
        connection.execute(sa.text("UPDATE transfers SET amount_minor = 424242 WHERE seq = :seq"), {"seq": seq})

    (finding,) = wrong(lake, streamed)

    assert finding.check == "lake_transfers"
    assert f"transfers at position {seq}: row altered: amount_minor is" in finding.detail
    assert "424242 in the ledger" in finding.detail


def test_a_row_deleted_through_delta_is_missing(lake: Lake, streamed: Programme) -> None:
    seq = some_position(lake, Transfer)
    delete_for_good(lake, Transfer, f"seq = {seq}")

    (finding,) = wrong(lake, streamed)

    named, rows, total = finding.detail.split("; ")
    assert named == f"transfers at position {seq}: row is missing in the lake"
    assert re.fullmatch(r"rows: (\d+) in the lake, (\d+) in the ledger", rows)
    assert re.fullmatch(r"USD: \d+ in the lake, \d+ in the ledger", total)


def test_a_row_deleted_from_a_parquet_file_itself_is_missing(lake: Lake, streamed: Programme) -> None:
    (name,) = Path(table_url(lake.url, "cards", JournalBatch)).glob("*.parquet")
    rows = pq.read_table(name)
    pq.write_table(rows.slice(1), name)

    (finding,) = wrong(lake, streamed)

    assert finding.detail.startswith(
        f"journal_batches at position {rows['seq'][0]}: row is missing in the lake; rows: "
    )


def test_a_row_written_twice_is_surplus(lake: Lake, streamed: Programme) -> None:
    opened = table(lake, Transfer)
    row = opened.to_pyarrow_table().slice(3, 1)
    write_deltalake(opened, row, mode="append")

    (finding,) = wrong(lake, streamed)

    assert finding.detail.startswith(f"transfers at position {row['seq'][0]}: row is surplus in the lake; rows: ")


def test_a_row_beyond_the_journal_is_surplus(lake: Lake, streamed: Programme) -> None:
    opened = table(lake, Transfer)
    row = opened.to_pyarrow_table().slice(3, 1)
    beyond = row.set_column(1, row.schema.field("seq"), [[10_000]])
    write_deltalake(opened, beyond, mode="append")

    (finding,) = wrong(lake, streamed)

    assert finding.detail == "1 surplus rows at positions that the journal does not have"


def test_a_lost_file_cannot_be_read(lake: Lake, streamed: Programme) -> None:
    next(Path(table_url(lake.url, "cards", RefusedTransfer)).glob("*.parquet")).unlink()

    (finding,) = wrong(lake, streamed)

    assert finding.check == "lake_refused_transfers"
    assert finding.detail.startswith("cannot be read: ")


def test_rows_without_a_watermark_are_wrong_and_an_empty_lake_is_not(lake: Lake, programme: Programme) -> None:
    (before,) = compare(programme.engine, lake, programme.book)
    stream_once(programme.engine, lake, programme.book)
    Path(table_url(lake.url, "cards", PublishedWatermark)).rename(Path(lake.url, "hidden"))
    (after,) = compare(programme.engine, lake, programme.book)

    assert before.ok
    assert not after.ok
    assert "no watermark, yet partners has rows" in after.detail
