"""The refresh of silver: exactly once, fenced, from each table's own position, with few files."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import cast

import dagster as dg
import pyarrow as pa
import pytest
import sqlalchemy as sa
from deltalake import DeltaTable
from rich.console import Console

from cofferdam.commands.lake.stream import bring_all
from lake.bronze.read import watermark
from lake.errors import DamagedLake, Fenced, ForeignLake
from lake.silver.changes import IS_GONE
from lake.silver.read import silver_position
from lake.silver.refresh import SilverTables
from lake.silver.tables import SILVER, AccountDay, CurrentAccount, SilverTable
from lake.silver.write import SilverWriter
from lake.tables import Lake, Silver, table_url
from ledger.book.accounts.terms import TermsChange, change_terms
from ledger.book.records.accounts import Frozen
from ledger.book.records.transfers import Transfer
from ledger.kernel.record import columns
from ledger.kernel.work import begin
from ledger.tenancy.directory import Directory
from pipelines.silver.assets import silver_is_near
from tests.pipelines.silver.busy_book import BusyBook
from tests.pipelines.silver.kept import KeptSilver
from tests.pipelines.stream.programme import Programme, sole_server, sole_zone


def table(lake: Lake, record: type[Silver]) -> DeltaTable:
    return DeltaTable(table_url(lake.url, "cards", record))


def positions(lake: Lake) -> list[int | None]:
    return [silver_position(lake, "cards", declared.record) for declared in SILVER]


def versions(lake: Lake) -> list[int]:
    return [table(lake, declared.record).version() for declared in SILVER]


def test_the_same_or_an_earlier_watermark_changes_nothing(lake: Lake, programme: Programme, silver: KeptSilver) -> None:
    first = silver.cut()
    programme.pay(10)
    tables, second = silver.open(), silver.cut()
    moved = tables.refresh(second)
    before = versions(lake)

    again = [tables.refresh(second), tables.refresh(first), silver.open().refresh(second)]

    assert moved
    assert again == [False, False, False]
    assert versions(lake) == before
    assert positions(lake) == [second.seq] * 3


def test_of_two_that_opened_at_once_only_one_writes(lake: Lake, programme: Programme, silver: KeptSilver) -> None:
    silver.open().refresh(silver.cut())
    programme.pay(10)
    one, other, newest = silver.open(), silver.open(), silver.cut()

    one.refresh(newest)
    with pytest.raises(Fenced, match="another worker writes to current_accounts"):
        other.refresh(newest)

    assert positions(lake) == [newest.seq] * 3


@pytest.mark.parametrize("declared", SILVER)
def test_of_two_that_change_rows_of_a_table_at_once_only_one_writes(
    declared: SilverTable, lake: Lake, programme: Programme, silver: KeptSilver
) -> None:
    book = BusyBook(programme, seed=3)
    for _ in range(10):
        book.step()
    newest = silver.cut()
    silver.open().refresh(newest)
    one, other = (SilverWriter.open(lake, programme.book, declared, cluster_id=silver.cluster) for _ in range(2))
    rows = table(lake, declared.record).to_pyarrow_table()
    changes = rows.append_column(IS_GONE, pa.array([False] * rows.num_rows))

    one.apply(changes, after=newest.seq, upto=newest.seq + 5)
    with pytest.raises(Fenced, match=f"another worker writes to {declared.record.TABLE}"):
        other.apply(changes, after=newest.seq, upto=newest.seq + 9)

    assert rows.num_rows > 0
    assert silver_position(lake, "cards", declared.record) == newest.seq + 5


def test_changes_that_do_not_begin_where_the_table_stands_are_refused(lake: Lake, silver: KeptSilver) -> None:
    newest = silver.cut()
    silver.open().refresh(newest)
    writer = SilverWriter.open(lake, silver.programme.book, SILVER[0], cluster_id=silver.cluster)

    with pytest.raises(Fenced, match=f"stands at position {newest.seq}; these changes begin after 3"):
        writer.apply(pa.table({}), after=3, upto=newest.seq + 1)


def test_a_table_that_was_lost_is_made_anew_and_the_others_stay(
    lake: Lake, programme: Programme, silver: KeptSilver
) -> None:
    programme.pay(40)
    newest = silver.cut()
    silver.open().refresh(newest)
    before, rows = versions(lake), table(lake, CurrentAccount).to_pyarrow_table()
    shutil.rmtree(table_url(lake.url, "cards", CurrentAccount))

    silver.open().refresh(newest)

    assert table(lake, CurrentAccount).to_pyarrow_table() == rows
    assert versions(lake)[1:] == before[1:]
    assert positions(lake) == [newest.seq] * 3


def test_the_silver_of_another_ledger_is_refused(lake: Lake, programme: Programme, silver: KeptSilver) -> None:
    silver.open().refresh(silver.cut())

    with pytest.raises(ForeignLake, match="belongs to another ledger"):
        SilverTables.open(lake, programme.book, cluster_id="7002")


def test_terms_are_the_newest_and_a_table_without_changes_still_says_its_position(
    lake: Lake, programme: Programme, silver: KeptSilver
) -> None:
    tables = silver.open()
    tables.refresh(silver.cut())
    with begin(programme.engine, actor="test") as work:
        change = TermsChange(credit_line_minor=700, frozen=Frozen.DEBITS)
        seq = change_terms(work, programme.book.book_id, programme.accounts[3], change, reason="asked by the partner")

    tables.refresh(silver.cut())

    (row,) = [row for row in table(lake, CurrentAccount).to_pyarrow_table().to_pylist() if row["seq"] == seq]
    assert (row["account_id"], row["credit_line_minor"], row["frozen"]) == (str(programme.accounts[3]), 700, "debits")
    assert len(set(positions(lake))) == 1


def test_a_closed_day_keeps_its_files(lake: Lake, programme: Programme, silver: KeptSilver) -> None:
    book, tables = BusyBook(programme, seed=2), silver.open()
    for _ in range(6):
        book.step()
    tables.refresh(silver.cut())
    book.now += timedelta(days=2)
    closed = set(table(lake, AccountDay).file_uris())

    for _ in range(8):
        book.step()
        tables.refresh(silver.cut())

    assert closed
    assert closed < set(table(lake, AccountDay).file_uris())


def test_many_small_files_are_joined_and_what_they_replace_stays_readable(
    lake: Lake, programme: Programme, silver: KeptSilver
) -> None:
    programme.pay(40)
    newest = silver.cut()
    silver.open().refresh(newest)
    (declared,) = (each for each in SILVER if each.record is AccountDay)
    writer = SilverWriter.open(lake, programme.book, declared, cluster_id=silver.cluster)
    row = table(lake, AccountDay).to_pyarrow_table().slice(0, 1)
    for number in range(1, 40):
        other = row.set_column(row.schema.get_field_index("account_no"), "account_no", [[1000 + number]])
        writer.apply(other.append_column(IS_GONE, [[False]]), after=newest.seq + number - 1, upto=newest.seq + number)
    before = table(lake, AccountDay)

    writer.tidy()

    after = table(lake, AccountDay)
    assert len(before.file_uris()) == 40
    assert len(after.file_uris()) == 1
    assert after.to_pyarrow_table().num_rows == before.to_pyarrow_table().num_rows
    assert silver_position(lake, "cards", AccountDay) == newest.seq + 39


def test_a_row_of_silver_names_no_person_and_the_log_states_no_text(
    lake: Lake, programme: Programme, silver: KeptSilver
) -> None:
    programme.pay(5)
    silver.open().refresh(silver.cut())

    for declared in SILVER:
        assert not [column.name for column in columns(declared.record) if column.col.pii]
        stated = table(lake, declared.record).get_add_actions(flatten=True)
        names = {name.partition(".")[2] for name in stated.schema.names if name.startswith(("min.", "max."))}
        assert names <= set(declared.measured)


def test_streaming_once_leaves_silver_where_bronze_is(lake: Lake, programme: Programme) -> None:
    programme.pay(20)

    bring_all([sole_server(programme.engine)], sole_zone(lake), Console(quiet=True))

    newest = watermark(lake, "cards")
    assert newest is not None
    assert positions(lake) == [newest.seq] * 3


def test_dagster_says_which_tables_are_behind_and_since_when(
    programme: Programme, silver: KeptSilver, lake: Lake, tampering: sa.Engine, directory: Directory
) -> None:
    silver.open().refresh(silver.cut())
    near = [cast("dg.AssetCheckResult", each) for each in silver_is_near(directory=directory, zones=sole_zone(lake))]
    programme.pay(3)
    silver.cut()
    with tampering.begin() as connection:
        connection.execute(sa.text("UPDATE journal_batches SET recorded_at = recorded_at - interval '2 hours'"))
    late = [cast("dg.AssetCheckResult", each) for each in silver_is_near(directory=directory, zones=sole_zone(lake))]

    tables = [f"silver/{declared.record.TABLE}" for declared in SILVER]
    assert [each.asset_key.to_user_string() for each in near if each.asset_key and each.passed] == tables
    assert [each.asset_key.to_user_string() for each in late if each.asset_key and not each.passed] == tables
    assert all((each.description or "").startswith("cards: 2:00:0") for each in late)


def test_a_damaged_file_of_bronze_is_named_by_the_refresh_that_met_it(
    lake: Lake, programme: Programme, silver: KeptSilver
) -> None:
    programme.pay(40)
    newest = silver.cut()
    damaged = next(Path(table_url(lake.url, "cards", Transfer)).rglob("*.parquet"))
    damaged.write_bytes(damaged.read_bytes()[:-20])

    with pytest.raises(DamagedLake, match=f"{damaged.name} of transfers of book 'cards' was changed"):
        silver.open().refresh(newest)
