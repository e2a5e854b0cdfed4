"""Folding and joining: fewer files, the same rows, whatever else goes on."""

import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from lake.bronze.append import PositionRange, TableWriter
from lake.delta.compaction import FAN, ROWS_SETTLED
from lake.delta.files import DataFile, Level, live_files, read_file
from lake.delta.maintenance import cluster_closed_days, compact_files, sweep
from lake.delta.store import ObjectStore
from lake.schema import arrow_schema
from lake.tables import Lake, table_url
from ledger.book.records.transfers import Transfer
from tests.lake.conftest import CARDS

HEAD = "ab" * 32
Rows = Callable[..., pa.Table]


def opened(lake: Lake) -> TableWriter:
    return TableWriter.open(lake, CARDS, Transfer, cluster_id="7001")


def table(lake: Lake) -> DeltaTable:
    return DeltaTable(table_url(lake.url, "cards", Transfer), storage_options=lake.storage_options)


def stored(lake: Lake) -> list[int]:
    return sorted(table(lake).to_pyarrow_table()["seq"].to_pylist())


def rows_of(lake: Lake, file: DataFile) -> pa.Table:
    return read_file(ObjectStore(lake, table_url(lake.url, "cards", Transfer)), file, arrow_schema(Transfer))


def levels(lake: Lake) -> list[int]:
    return sorted(file.level for file in live_files(table(lake)))


def append_each(writer: TableWriter, transfers: Rows, count: int) -> None:
    for upto in range(writer.mark + 1, writer.mark + count + 1):
        writer.append(transfers(upto - 1, upto), PositionRange(upto - 1, upto, HEAD))
        writer.fold()


def test_small_files_never_become_many(folder_lake: Lake, transfers: Rows) -> None:
    writer = opened(folder_lake)

    append_each(writer, transfers, FAN * FAN + FAN + 3)

    assert levels(folder_lake) == [0, 0, 0, 1, 2]
    assert stored(folder_lake) == list(range(1, FAN * FAN + FAN + 4))
    assert opened(folder_lake).mark == FAN * FAN + FAN + 3


def test_a_file_of_many_rows_is_not_held_for_a_fold(folder_lake: Lake, transfers: Rows) -> None:
    writer = opened(folder_lake)

    for turn in range(3):
        after, upto = turn * ROWS_SETTLED, (turn + 1) * ROWS_SETTLED
        writer.append(transfers(after, upto), PositionRange(after, upto, HEAD))
        writer.fold()

    assert levels(folder_lake) == [Level.SETTLED] * 3


def test_what_a_killed_worker_left_unfolded_is_joined_by_the_next(lake: Lake, transfers: Rows) -> None:
    append_each(opened(lake), transfers, 5)

    writer = opened(lake)

    assert levels(lake) == [Level.SETTLED]
    append_each(writer, transfers, 2)
    assert stored(lake) == [1, 2, 3, 4, 5, 6, 7]


def test_files_are_joined_in_the_order_of_their_positions(lake: Lake, transfers: Rows) -> None:
    append_each(opened(lake), transfers, 5)
    opened(lake)

    (file,) = live_files(table(lake))

    rows = rows_of(lake, file)
    assert rows["seq"].to_pylist() == [1, 2, 3, 4, 5]


def test_a_file_that_reaches_around_another_is_merged_with_it(
    lake: Lake, transfers: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lake.delta.compaction.ROWS_SETTLED", 3)
    monkeypatch.setattr("lake.delta.maintenance.FAN", 2)
    writer = opened(lake)
    for after, upto in ((0, 1), (1, 4), (4, 5)):
        writer.append(transfers(after, upto), PositionRange(after, upto, HEAD))
    opened(lake)  # joins the first with the last

    compact_files(lake, "cards", Transfer, table(lake))

    (file,) = live_files(table(lake))
    rows = rows_of(lake, file)
    assert rows["seq"].to_pylist() == [1, 2, 3, 4, 5]


def test_halves_of_objects_that_a_killed_writer_left_are_swept_in_time(folder_lake: Lake, transfers: Rows) -> None:
    writer = opened(folder_lake)
    append_each(writer, transfers, 2)
    folder = Path(table_url(folder_lake.url, "cards", Transfer))
    old, new = folder / "_delta_log" / f"{7:020}.json#1", folder / "recorded_on=2026-03-01" / "0-a.parquet#1"
    for half in (old, new):
        half.write_text("PAR1")
    os.utime(old, (0, 0))

    swept = sweep(table(folder_lake), orphans=True)

    assert (swept, old.exists(), new.exists()) == (1, False, True)
    assert stored(folder_lake) == [1, 2]


def test_a_fold_whose_files_were_joined_meanwhile_is_let_be(lake: Lake, transfers: Rows) -> None:
    writer = opened(lake)
    append_each(writer, transfers, FAN - 1)
    table(lake).optimize.compact()

    append_each(writer, transfers, 2 * FAN)

    assert stored(lake) == list(range(1, 3 * FAN))


def test_settled_files_are_joined_while_the_writer_goes_on(folder_lake: Lake, transfers: Rows) -> None:
    writer = opened(folder_lake)
    for turn in range(FAN):
        after, upto = turn * ROWS_SETTLED, (turn + 1) * ROWS_SETTLED
        writer.append(transfers(after, upto), PositionRange(after, upto, HEAD))
    append_each(writer, transfers, 3)
    maintenance_writer = table(folder_lake)
    append_each(writer, transfers, 1)

    gone = compact_files(folder_lake, "cards", Transfer, maintenance_writer)
    append_each(writer, transfers, 1)

    assert gone == FAN - 1
    assert levels(folder_lake) == [0] * 5 + [Level.JOINED]
    assert stored(folder_lake) == list(range(1, FAN * ROWS_SETTLED + 6))


def test_days_that_are_over_are_ordered_by_account_once_and_today_is_left_alone(lake: Lake, transfers: Rows) -> None:
    writer = opened(lake)
    for day in (1, 2, 3):
        for turn in range(4):
            after = writer.mark
            rows = dated(transfers(after, after + 50), day, turn)
            writer.append(rows, PositionRange(after, after + 50, HEAD))

    ordered, again = (cluster_closed_days(lake, "cards", Transfer, table(lake)) for _ in range(2))
    append_each(writer, transfers, 0)
    writer.append(dated(transfers(600, 650), 3, 9), PositionRange(600, 650, HEAD))

    assert (ordered, again) == (2, 0)
    files = [file.partition["recorded_on"] for file in live_files(table(lake))]
    assert (files.count("2026-03-01"), files.count("2026-03-02"), files.count("2026-03-03")) == (1, 1, 5)
    assert stored(lake) == list(range(1, 651))
    first = next(file for file in live_files(table(lake)) if file.partition["recorded_on"] == "2026-03-01")
    day = rows_of(lake, first)
    assert leaps(day) * 3 < leaps(day.sort_by("seq")), "accounts that are near each other lie near each other"
    assert opened(lake).mark == 650


def test_of_two_who_move_the_same_rows_at_once_the_second_gives_up(lake: Lake, transfers: Rows) -> None:
    writer = opened(lake)
    for day in (1, 1, 2):
        rows = dated(transfers(writer.mark, writer.mark + 5), day, 0)
        writer.append(rows, PositionRange(writer.mark, writer.mark + 5, HEAD))
    before_it_was_ordered, before_it_was_joined = table(lake), table(lake)

    opened(lake)
    at_once = cluster_closed_days(lake, "cards", Transfer, before_it_was_joined)
    after = [cluster_closed_days(lake, "cards", Transfer, handle) for handle in (table(lake), before_it_was_ordered)]

    assert (at_once, after) == (0, [1, 0])
    assert stored(lake) == list(range(1, 16))


def leaps(rows: pa.Table) -> int:
    numbers = rows["debit_account_no"].to_pylist()
    return sum(abs(one - other) for one, other in pairwise(numbers))


def dated(rows: pa.Table, day: int, turn: int) -> pa.Table:
    instants = pa.array([f"2026-03-0{day}T12:00:00Z"] * len(rows)).cast(rows.schema.field("recorded_at").type)
    numbers = pa.array([(turn + place * 7) % 40 for place in range(len(rows))], pa.int64())
    for name, values in (("recorded_at", instants), ("debit_account_no", numbers)):
        rows = rows.set_column(rows.schema.get_field_index(name), name, values)
    return rows


def test_readers_are_never_without_a_file_while_files_are_folded_and_swept(lake: Lake, transfers: Rows) -> None:
    writer = opened(lake)
    append_each(writer, transfers, 5)
    before = table(lake)
    append_each(writer, transfers, FAN)

    swept = sweep(table(lake), orphans=True)

    assert swept == 0, "what was replaced a moment ago is kept for hours"
    assert sorted(before.to_pyarrow_table()["seq"].to_pylist()) == [1, 2, 3, 4, 5]


def test_what_nobody_refers_to_any_more_is_deleted_in_time(
    lake: Lake, transfers: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {
        "delta.deletedFileRetentionDuration": "interval 0 hours",
        "delta.logRetentionDuration": "interval 0 hours",
    }
    monkeypatch.setattr("lake.tables._KEPT", options)
    writer = opened(lake)
    append_each(writer, transfers, FAN + 1)

    swept = sweep(table(lake))

    assert swept == FAN
    assert stored(lake) == list(range(1, FAN + 2))
