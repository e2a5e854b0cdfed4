"""The refresh of silver: exactly once, fenced, from each table's own position, with few files."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from typing import cast

import dagster as dg
import pyarrow as pa
import pytest
import sqlalchemy as sa
from deltalake import DeltaTable
from rich.console import Console

from cofferdam.streaming import bring_all
from lake.errors import Fenced, ForeignLake
from lake.read import Watermark, watermark
from lake.silver.changes import IS_GONE
from lake.silver.read import silver_position
from lake.silver.refresh import SilverTables
from lake.silver.tables import SILVER, AccountDay, CurrentAccount, SilverTable
from lake.silver.write import SilverWriter
from lake.tables import Lake, Silver, table_url
from ledger.book.terms import TermsChange, change_terms
from ledger.kernel.record import columns
from ledger.kernel.work import begin
from ledger.records.accounts import Frozen
from pipelines.silver.assets import silver_is_near
from tests.pipelines.silver.busy_book import BusyBook
from tests.pipelines.stream.programme import Programme

Cut = Callable[[], Watermark]
Opened = Callable[..., SilverTables]


def table(lake: Lake, record: type[Silver]) -> DeltaTable:
    return DeltaTable(table_url(lake.url, "cards", record))


def positions(lake: Lake) -> list[int | None]:
    return [silver_position(lake, "cards", declared.record) for declared in SILVER]


def versions(lake: Lake) -> list[int]:
    return [table(lake, declared.record).version() for declared in SILVER]


def test_the_same_or_an_earlier_watermark_changes_nothing(
    lake: Lake, programme: Programme, cut: Cut, silver: Opened
) -> None:
    first = cut()
    programme.pay(10)
    tables, second = silver(), cut()
    moved = tables.refresh(second)
    before = versions(lake)

    again = [tables.refresh(second), tables.refresh(first), silver().refresh(second)]

    assert moved
    assert again == [False, False, False]
    assert versions(lake) == before
    assert positions(lake) == [second.seq] * 3


def test_of_two_that_opened_at_once_only_one_writes(lake: Lake, programme: Programme, cut: Cut, silver: Opened) -> None:
    silver().refresh(cut())
    programme.pay(10)
    one, other, newest = silver(), silver(), cut()

    one.refresh(newest)
    with pytest.raises(Fenced, match="another worker writes to current_accounts"):
        other.refresh(newest)

    assert positions(lake) == [newest.seq] * 3


@pytest.mark.parametrize("declared", SILVER)
def test_of_two_that_change_rows_of_a_table_at_once_only_one_writes(
    declared: SilverTable, lake: Lake, programme: Programme, cut: Cut, silver: Opened, cluster: str
) -> None:
    book = BusyBook(programme, seed=3)
    for _ in range(10):
        book.step()
    newest = cut()
    silver().refresh(newest)
    one, other = (SilverWriter.open(lake, "cards", declared, cluster_id=cluster) for _ in range(2))
    rows = table(lake, declared.record).to_pyarrow_table()
    changes = rows.append_column(IS_GONE, pa.array([False] * rows.num_rows))

    one.apply(changes, after=newest.seq, upto=newest.seq + 5)
    with pytest.raises(Fenced, match=f"another worker writes to {declared.record.TABLE}"):
        other.apply(changes, after=newest.seq, upto=newest.seq + 9)

    assert rows.num_rows > 0
    assert silver_position(lake, "cards", declared.record) == newest.seq + 5


def test_changes_that_do_not_begin_where_the_table_stands_are_refused(
    lake: Lake, programme: Programme, cut: Cut, silver: Opened, cluster: str
) -> None:
    newest = cut()
    silver().refresh(newest)
    writer = SilverWriter.open(lake, "cards", SILVER[0], cluster_id=cluster)

    with pytest.raises(Fenced, match=f"stands at position {newest.seq}; these changes begin after 3"):
        writer.apply(pa.table({}), after=3, upto=newest.seq + 1)


def test_a_table_that_was_lost_is_made_anew_and_the_others_stay(
    lake: Lake, programme: Programme, cut: Cut, silver: Opened
) -> None:
    programme.pay(40)
    newest = cut()
    silver().refresh(newest)
    before, rows = versions(lake), table(lake, CurrentAccount).to_pyarrow_table()
    shutil.rmtree(table_url(lake.url, "cards", CurrentAccount))

    silver().refresh(newest)

    assert table(lake, CurrentAccount).to_pyarrow_table() == rows
    assert versions(lake)[1:] == before[1:]
    assert positions(lake) == [newest.seq] * 3


def test_the_silver_of_another_ledger_is_refused(lake: Lake, programme: Programme, cut: Cut, silver: Opened) -> None:
    silver().refresh(cut())

    with pytest.raises(ForeignLake, match="belongs to another ledger"):
        SilverTables.open(lake, programme.book, cluster_id="7002")


def test_terms_are_the_newest_and_a_table_without_changes_still_says_its_position(
    lake: Lake, programme: Programme, cut: Cut, silver: Opened
) -> None:
    tables = silver()
    tables.refresh(cut())
    with begin(programme.engine, actor="test") as work:
        change = TermsChange(credit_line_minor=700, frozen=Frozen.DEBITS)
        seq = change_terms(work, programme.book.book_id, programme.accounts[3], change, reason="asked by the partner")

    tables.refresh(cut())

    (row,) = [row for row in table(lake, CurrentAccount).to_pyarrow_table().to_pylist() if row["seq"] == seq]
    assert (row["account_id"], row["credit_line_minor"], row["frozen"]) == (str(programme.accounts[3]), 700, "debits")
    assert len(set(positions(lake))) == 1


def test_however_often_it_is_refreshed_a_day_has_few_files_and_closed_days_keep_theirs(
    lake: Lake, programme: Programme, cut: Cut, silver: Opened
) -> None:
    book, tables = BusyBook(programme, seed=2), silver()
    for _ in range(6):
        book.step()
    tables.refresh(cut())
    book.now += timedelta(days=2)
    closed = set(table(lake, AccountDay).file_uris())

    for _ in range(40):
        book.step()
        tables.refresh(cut())

    live = table(lake, AccountDay).file_uris()
    assert closed <= set(live)
    assert all(len([uri for uri in live if f"recorded_on={day}/" in uri]) <= 33 for day in book.day_ends)
    assert len(table(lake, CurrentAccount).file_uris()) <= 33


def test_a_row_of_silver_names_no_person_and_the_log_states_no_text(
    lake: Lake, programme: Programme, cut: Cut, silver: Opened
) -> None:
    programme.pay(5)
    silver().refresh(cut())

    for declared in SILVER:
        assert not [column.name for column in columns(declared.record) if column.col.pii]
        stated = table(lake, declared.record).get_add_actions(flatten=True)
        names = {name.partition(".")[2] for name in stated.schema.names if name.startswith(("min.", "max."))}
        assert names <= set(declared.measured)


def test_streaming_once_leaves_silver_where_bronze_is(lake: Lake, programme: Programme) -> None:
    programme.pay(20)

    bring_all(programme.engine, lake, Console(quiet=True))

    newest = watermark(lake, "cards")
    assert newest is not None
    assert positions(lake) == [newest.seq] * 3


def test_dagster_says_which_tables_are_behind_and_since_when(
    programme: Programme, cut: Cut, silver: Opened, lake: Lake, tampering: sa.Engine
) -> None:
    silver().refresh(cut())
    near = [cast("dg.AssetCheckResult", each) for each in silver_is_near(engine=programme.engine, lake=lake)]
    programme.pay(3)
    cut()
    with tampering.begin() as connection:
        connection.execute(sa.text("UPDATE journal_batches SET recorded_at = recorded_at - interval '2 hours'"))
    late = [cast("dg.AssetCheckResult", each) for each in silver_is_near(engine=programme.engine, lake=lake)]

    tables = [f"silver/{declared.record.TABLE}" for declared in SILVER]
    assert [each.asset_key.to_user_string() for each in near if each.asset_key and each.passed] == tables
    assert [each.asset_key.to_user_string() for each in late if each.asset_key and not each.passed] == tables
    assert all((each.description or "").startswith("cards: 2:00:0") for each in late)
