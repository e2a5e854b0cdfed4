"""The audit finds any single row that is missing, surplus or altered, and names it."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from deltalake import DeltaTable, Field, write_deltalake
from deltalake.schema import PrimitiveType

from lake.tables import Lake, PublishedWatermark, table_url
from ledger.book.audits.audit import Finding
from ledger.book.records.transfers import RefusedTransfer, Transfer
from ledger.journal.records import JournalBatch
from ledger.kernel.engines import create_engine
from ledger.kernel.ids import BookId, PartnerId
from ledger.kernel.record import Record
from ledger.kernel.work import begin
from ledger.outbox.endpoints import register_endpoint
from ledger.outbox.records import Endpoint
from ledger.records import STREAMED
from pipelines.stream.audit import compare
from pipelines.stream.worker import stream_once
from tests.databases import empty_database
from tests.pipelines.stream.programme import Programme, open_programme


@pytest.fixture(scope="module")
def original(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Programme, Lake]]:
    """A book that was streamed: tests read its ledger, and damage copies of its lake."""
    folder = tmp_path_factory.mktemp("original")
    lake = Lake(str(folder / "lake"), {}, folder / "cache")
    with empty_database(server) as url:
        engine = create_engine(url)
        yield pay_and_stream(open_programme(engine), lake), lake
        engine.dispose()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"), {}, tmp_path / "cache")


@pytest.fixture
def streamed(lake: Lake, original: tuple[Programme, Lake]) -> Programme:
    programme, copied = original
    shutil.copytree(copied.url, lake.url)
    return programme


def pay_and_stream(programme: Programme, lake: Lake) -> Programme:
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
    lake: Lake, programme: Programme, tampering: sa.Engine
) -> None:
    pay_and_stream(programme, lake)
    seq = some_position(lake, Transfer)
    with tampering.begin() as connection:
        connection.execute(sa.text("UPDATE transfers SET amount_minor = 424242 WHERE seq = :seq"), {"seq": seq})

    (finding,) = wrong(lake, programme)

    assert finding.check == "lake_transfers"
    assert f"transfers at position {seq}: row altered: amount_minor is" in finding.detail
    assert "424242 in the ledger" in finding.detail


def test_a_row_deleted_through_delta_is_missing(lake: Lake, streamed: Programme) -> None:
    seq = some_position(lake, Transfer)
    delete_for_good(lake, Transfer, f"seq = {seq}")

    (finding,) = wrong(lake, streamed)

    named, rows, total, *strange, remedy = finding.detail.split("; ")
    assert named == f"transfers at position {seq}: row is missing in the lake"
    assert re.fullmatch(r"rows: (\d+) in the lake, (\d+) in the ledger", rows)
    assert re.fullmatch(r"USD: \d+ in the lake, \d+ in the ledger", total)
    assert strange[0] == "delta.appendOnly is false, not true"
    assert "by delta-rs" in strange[-1]
    assert "(DELETE): rows were added or removed" in strange[-1]
    assert remedy == "if hash_chain agrees, make the table anew: cofferdam stream --rebuild cards transfers"


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

    assert finding.detail.startswith("1 surplus rows at positions that the journal does not have; version ")


def test_a_lost_file_cannot_be_read(lake: Lake, streamed: Programme) -> None:
    next(Path(table_url(lake.url, "cards", RefusedTransfer)).glob("*.parquet")).unlink()

    (finding,) = wrong(lake, streamed)

    assert finding.check == "lake_refused_transfers"
    assert re.match(r"file .*\.parquet of refused_transfers of book 'cards' is gone; make the table", finding.detail)


def test_rows_without_a_watermark_are_wrong_and_an_empty_lake_is_not(lake: Lake, programme: Programme) -> None:
    (before,) = compare(programme.engine, lake, programme.book)
    stream_once(programme.engine, lake, programme.book)
    Path(table_url(lake.url, "cards", PublishedWatermark)).rename(Path(lake.url, "hidden"))
    (after,) = compare(programme.engine, lake, programme.book)

    assert before.ok
    assert not after.ok
    assert "no watermark stands in" in after.detail
    assert "cofferdam stream --rebuild cards" in after.detail


FOREIGN_FEATURES = {
    "a property of ours": (
        {"delta.logRetentionDuration": "interval 9 days"},
        "is interval 9 days, not interval 6 hours",
    ),
    "a property of theirs": ({"delta.checkpointInterval": "77"}, "delta.checkpointInterval = 77 is not Cofferdam's"),
    "a feature": ({"delta.enableChangeDataFeed": "true"}, "it asks for reader 1 and writer 4"),
}


@pytest.mark.parametrize("kind", FOREIGN_FEATURES)
def test_properties_and_features_that_somebody_else_gave_a_table_are_named(
    lake: Lake, streamed: Programme, kind: str
) -> None:
    properties, said = FOREIGN_FEATURES[kind]
    for record in (Transfer, PublishedWatermark):
        table(lake, record).alter.set_table_properties(properties)

    watermarks, transfers = wrong(lake, streamed)

    assert (watermarks.check, transfers.check) == ("lake_watermark", "lake_transfers")
    assert said.replace("6 hours", "2 hours") in watermarks.detail
    assert said in transfers.detail


def test_a_column_that_somebody_else_added_is_named(lake: Lake, streamed: Programme) -> None:
    table(lake, Transfer).alter.add_columns([Field("remark", PrimitiveType("string"), nullable=True)])

    (finding,) = wrong(lake, streamed)

    assert "column remark is not Cofferdam's" in finding.detail


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "a flipped bit": lambda content: (
        content[: len(content) // 3] + bytes([content[len(content) // 3] ^ 4]) + content[len(content) // 3 + 1 :]
    ),
    "cut off": lambda content: content[: len(content) // 2],
    "zeros": lambda content: bytes(len(content)),
    "empty": lambda _: b"",
    "bytes behind": lambda content: content + b"\0",
}


@pytest.mark.parametrize("record", [Transfer, JournalBatch, PublishedWatermark])
@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_file_is_named_with_its_table_book_and_remedy(
    lake: Lake, streamed: Programme, kind: str, record: type[Record]
) -> None:
    (file,) = Path(table_url(lake.url, "cards", record)).rglob("*.parquet")
    file.write_bytes(DAMAGES[kind](file.read_bytes()))

    (finding, *_) = wrong(lake, streamed)

    assert f"/{file.name} of {record.TABLE} of book 'cards'" in finding.detail.replace("file ", "/")
    assert f"cofferdam stream --rebuild cards {record.TABLE}" in finding.detail


def test_a_file_of_before_digests_is_held_against_the_checksums_of_its_pages(lake: Lake, streamed: Programme) -> None:
    (file,) = Path(table_url(lake.url, "cards", Transfer)).rglob("*.parquet")
    for entry in Path(table_url(lake.url, "cards", Transfer), "_delta_log").glob("*.json"):
        entry.write_text(re.sub(r',"tags":{"sha256":"[0-9a-f]{64}"}', "", entry.read_text()))
    page = pq.ParquetFile(file).metadata.row_group(0).column(0)
    content = bytearray(file.read_bytes())
    content[page.data_page_offset + page.total_compressed_size - 2] ^= 4
    file.write_bytes(bytes(content))

    (finding,) = wrong(lake, streamed)

    assert "CRC checksum verification failed" in finding.detail


def test_a_table_that_was_declared_after_the_watermark_is_to_come_until_the_ledger_has_a_row_for_it(
    lake: Lake, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    former = tuple(record for record in STREAMED if record is not Endpoint)
    monkeypatch.setattr("pipelines.stream.book_stream.STREAMED", former)
    programme = pay_and_stream(open_programme(engine), lake)

    to_come = wrong(lake, programme)
    with begin(engine, actor="test") as work:
        partner_id = next(iter(partner_ids(work.connection, programme.book.book_id)))
        address = "https://shop.example/hook"
        register_endpoint(work, programme.book.book_id, partner_id, address=address, reason="a test")
    pay_and_stream(programme, lake)
    lost = wrong(lake, programme)

    assert to_come == []
    assert [finding.check for finding in lost] == ["lake_endpoints"]


def partner_ids(connection: sa.Connection, book_id: BookId) -> list[PartnerId]:
    query = sa.text("SELECT partner_id FROM partners WHERE book_id = :book")
    return list(connection.execute(query, {"book": book_id}).scalars())
