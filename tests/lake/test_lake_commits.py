"""The commit log: one write that must not find its object."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from lake.bronze.append import PositionRange, TableWriter
from lake.delta.commits import Change, CommitLog, LogPosition
from lake.delta.compaction import FAN
from lake.delta.files import DataFile, live_files
from lake.delta.opening import maintenance_log
from lake.delta.store import ObjectStore
from lake.errors import Fenced, LostCommit, TableName
from lake.tables import Lake, table_url
from ledger.book.records.transfers import Transfer
from tests.lake.conftest import CARDS

HEAD = "ab" * 32
Rows = Callable[..., pa.Table]


def opened(lake: Lake) -> TableWriter:
    return TableWriter.open(lake, CARDS, Transfer, cluster_id="7001")


def table(lake: Lake) -> DeltaTable:
    return DeltaTable(table_url(lake.url, "cards", Transfer), storage_options=lake.storage_options)


def maintenance_writer(lake: Lake) -> CommitLog:
    return maintenance_log(lake, "cards", Transfer, table(lake))


def stored(lake: Lake) -> list[int]:
    return sorted(table(lake).to_pyarrow_table()["seq"].to_pylist())


def test_of_many_who_write_one_version_one_alone_succeeds(lake: Lake) -> None:
    store = ObjectStore(lake, table_url(lake.url, "cards", Transfer))

    with ThreadPoolExecutor(16) as callers:
        won = list(callers.map(lambda number: store.put_new("_delta_log/0.json", b"%d" % number), range(64)))

    assert won.count(True) == 1
    assert store.get("_delta_log/0.json") == b"%d" % won.index(True)


def test_an_append_passes_what_a_maintenance_writer_committed_meanwhile(lake: Lake, transfers: Rows) -> None:
    writer = opened(lake)
    writer.append(transfers(0, 3), PositionRange(0, 3, HEAD))
    table(lake).optimize.compact()
    maintenance_writer(lake).enter(Change(moved=True), {})

    writer.append(transfers(3, 5), PositionRange(3, 5, HEAD))

    assert stored(lake) == [1, 2, 3, 4, 5]
    assert writer.version == table(lake).version()


def test_a_maintenance_writer_passes_appends_and_moves_no_mark(lake: Lake, transfers: Rows) -> None:
    writer = opened(lake)
    log = maintenance_writer(lake)
    writer.append(transfers(0, 3), PositionRange(0, 3, HEAD))

    assert log.enter(Change(moved=True), {"said": "nothing"})

    assert opened(lake).mark == 3
    with pytest.raises(AssertionError, match="a maintenance writer moves no mark"):
        log.enter(Change(), {}, mark=9)


def test_who_would_remove_a_file_that_is_gone_removes_nothing(lake: Lake, transfers: Rows) -> None:
    writer = opened(lake)
    writer.append(transfers(0, 3), PositionRange(0, 3, HEAD))
    (file,) = live_files(table(lake))
    one, other = maintenance_writer(lake), maintenance_writer(lake)
    other_file = file._replace(path=file.path.replace("0-", "3-"))

    first = one.enter(Change([], [file], moved=True), {})
    second = other.enter(Change([other_file], [file], moved=True), {})

    assert (first, second) == (True, False)
    assert live_files(table(lake)) == []


def test_a_writer_of_a_table_that_was_changed_opens_it_anew(lake: Lake, transfers: Rows) -> None:
    writer = opened(lake)
    table(lake).alter.set_table_properties({"delta.checkpointInterval": "77"})

    with pytest.raises(Fenced, match="was changed in version"):
        writer.append(transfers(0, 3), PositionRange(0, 3, HEAD))
    opened(lake).append(transfers(0, 3), PositionRange(0, 3, HEAD))

    assert stored(lake) == [1, 2, 3]


def test_an_answer_that_was_lost_is_found_in_the_log_and_not_written_twice(
    lake: Lake, transfers: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store may write, and its answer be lost: the client's own repetition then finds the object."""
    writer = opened(lake)
    put_new = ObjectStore.put_new

    def answered_late(store: ObjectStore, path: str, content: bytes) -> bool:
        put_new(store, path, content)
        return False

    monkeypatch.setattr(ObjectStore, "put_new", answered_late)
    with pytest.raises(Fenced):
        writer.append(transfers(0, 3), PositionRange(0, 3, HEAD))
    monkeypatch.setattr(ObjectStore, "put_new", put_new)

    again = opened(lake)
    assert again.append(transfers(0, 3), PositionRange(0, 3, HEAD)) == 0
    assert stored(lake) == [1, 2, 3]


def test_a_stale_writer_that_folds_steps_over_nobodys_append(lake: Lake, transfers: Rows) -> None:
    """If it did, it would stand behind the other's rows with its own old mark, and append them a second time."""
    stale = opened(lake)
    for upto in range(1, FAN + 1):
        stale.append(transfers(upto - 1, upto), PositionRange(upto - 1, upto, HEAD))
    opened(lake).append(transfers(FAN, FAN + 3), PositionRange(FAN, FAN + 3, HEAD))

    stale.fold()
    with pytest.raises(Fenced):
        stale.append(transfers(FAN, FAN + 3), PositionRange(FAN, FAN + 3, HEAD))

    assert stored(lake) == list(range(1, FAN + 4))


def test_a_commit_is_one_line_of_json_for_each_action(folder_lake: Lake, transfers: Rows) -> None:
    opened(folder_lake).append(transfers(0, 3), PositionRange(0, 3, HEAD))

    text = Path(table_url(folder_lake.url, "cards", Transfer), "_delta_log", f"{1:020}.json").read_text()

    info, txn, add = map(json.loads, text.splitlines())
    assert info["commitInfo"]["operation"] == "WRITE"
    assert txn["txn"]["version"] == 3
    assert add["add"]["partitionValues"] == {"recorded_on": "2026-03-01"}
    assert json.loads(add["add"]["stats"])["numRecords"] == 3


def test_a_place_beyond_the_log_is_no_place_to_commit_from(lake: Lake) -> None:
    store = ObjectStore(lake, table_url(lake.url, "cards", Transfer))
    log = CommitLog(store, None, LogPosition(4, 0), name=TableName("cards", "nothing"))
    file = DataFile("1-a.parquet", {}, 1, 1, "{}")

    with pytest.raises(LostCommit, match="version 4 of its log, the newest, is gone"):
        log.enter(Change([file]), {})
    with pytest.raises(OSError, match=r"00000000000000000005\.json"):
        store.get(f"_delta_log/{5:020}.json")
