"""A worker notices what others did to its tables, and what was lost, before it publishes; what can be brought is."""

import logging
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest
import sqlalchemy as sa
from _pytest.mark import ParameterSet
from deltalake import DeltaTable, write_deltalake

from lake.bronze.read import watermark
from lake.errors import DamagedLake, Fenced, LostCommit
from lake.tables import Lake, PublishedWatermark, table_url
from ledger.book.records.transfers import Transfer
from ledger.kernel.errors import Refusal
from ledger.kernel.record import Record
from ledger.kernel.settings import Settings
from ledger.tenancy.records import Partner
from pipelines.stream.audit import compare
from pipelines.stream.book_stream import BookStream
from pipelines.stream.worker import feed_connection, stream_once
from tests.pipelines.stream.programme import Programme
from tests.pipelines.stream.test_stream_worker import last_position, require_equal, running, wait_for

WRITER = "delta-rs"
FULL = "KILLS" in os.environ
"""Each damage in an object store too, as `make soak` has it: without it one of each kind, for all take the same way."""


@pytest.fixture(params=["folder", "store"])
def any_lake(request: pytest.FixtureRequest, tmp_path: Path, settings: Settings) -> Lake:
    """A lake in a folder, or in an object store."""
    if request.param == "folder":
        return Lake.of(settings)
    environ = request.getfixturevalue("store_environ")
    return Lake.of(Settings.from_env({"COFFERDAM_HOME": str(tmp_path / "store"), **environ}))


def table(lake: Lake, record: type[Record]) -> DeltaTable:
    return DeltaTable(table_url(lake.url, "cards", record), storage_options=lake.storage_options)


def changeable(lake: Lake, record: type[Record]) -> DeltaTable:
    opened = table(lake, record)
    opened.alter.set_table_properties({"delta.appendOnly": "false"})
    return opened


def rows_again(lake: Lake, record: type[Record]) -> None:
    opened = table(lake, record)
    write_deltalake(opened, opened.to_pyarrow_table().slice(0, 1), mode="append")


FOREIGN_ROWS: dict[str, Callable[[Lake, type[Record]], object]] = {
    "append": rows_again,
    "overwrite": lambda lake, record: write_deltalake(
        changeable(lake, record), table(lake, record).to_pyarrow_table().slice(0, 0), mode="overwrite"
    ),
    "delete": lambda lake, record: changeable(lake, record).delete("seq > 0"),
    "update": lambda lake, record: changeable(lake, record).update({"seq": "seq + 1"}),
    "restore": lambda lake, record: changeable(lake, record).restore(0),
    "protocol": lambda lake, record: table(lake, record).alter.set_table_properties(
        {"delta.enableChangeDataFeed": "true"}
    ),
}
HARMLESS: dict[str, Callable[[Lake, type[Record]], object]] = {
    "compaction": lambda lake, record: table(lake, record).optimize.compact(),
    "z-order": lambda lake, record: table(lake, record).optimize.z_order(["seq"]),
    "vacuum": lambda lake, record: table(lake, record).vacuum(dry_run=False),
}


def remove_newest_entry(lake: Lake, record: type[Record]) -> int:
    """Take the newest entry out of a table's log, as a hand would; its version."""
    version = table(lake, record).version()
    remove(lake, f"{table_url(lake.url, 'cards', record)}/_delta_log/{version:020}.json")
    return version


def remove_table(lake: Lake, record: type[Record]) -> None:
    remove(lake, table_url(lake.url, "cards", record))


def remove(lake: Lake, place: str) -> None:
    """Remove an object, or all that lies under a place."""
    if lake.is_local:
        path = Path(place)
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        return
    bucket, _, key = place.removeprefix("s3://").partition("/")
    store = boto3.resource(
        "s3",
        endpoint_url=lake.storage_options["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    store.Bucket(bucket).objects.filter(Prefix=key).delete()


def places(in_store: str, **damages: object) -> list[ParameterSet]:
    """Each damage in a folder, and one of them, or all, in an object store."""
    stored = damages if FULL else {in_store: damages[in_store]}
    return [
        pytest.param(where, damage, id=f"{where}-{kind}")
        for where, chosen in (("folder", damages), ("store", stored))
        for kind, damage in chosen.items()
    ]


@pytest.mark.parametrize(
    ("kind", "record"),
    [(kind, (Transfer, Partner)[number % 2]) for number, kind in enumerate(FOREIGN_ROWS)],
    ids=[*FOREIGN_ROWS],
)
def test_rows_that_somebody_else_changed_stop_the_book_with_table_version_writer_and_remedy(
    lake: Lake, programme: Programme, kind: str, record: type[Record]
) -> None:
    programme.pay(20)
    with feed_connection(programme.engine) as connection:
        stream = BookStream.open(connection, lake, programme.book)
        stream.advance(connection)
        before = watermark(lake, "cards")
        FOREIGN_ROWS[kind](lake, record)
        programme.pay(20, seed=2)

        with pytest.raises((DamagedLake, Fenced), match=f"{record.TABLE} of book 'cards' was changed") as said:
            stream.advance(connection)
    with pytest.raises(DamagedLake) as stopped:
        stream_once(programme.engine, lake, programme.book)

    assert watermark(lake, "cards") == before
    assert f"by {WRITER}" in str(said.value)
    assert "version " in str(said.value)
    assert f"cofferdam stream --rebuild cards {record.TABLE}" in str(stopped.value)


@pytest.mark.parametrize("kind", HARMLESS)
def test_what_somebody_else_did_without_changing_a_row_is_said_once_and_the_stream_goes_on(
    lake: Lake, programme: Programme, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    with feed_connection(programme.engine) as connection:
        stream = BookStream.open(connection, lake, programme.book)
        for seed in range(3):
            programme.pay(20, seed=seed)
            stream.advance(connection)
        orphan = Path(table_url(lake.url, "cards", Transfer), "part-of-nothing.parquet")
        orphan.write_bytes(b"x")
        before = table(lake, Transfer).version()
        HARMLESS[kind](lake, Transfer)
        after = table(lake, Transfer).version()
        for seed in (7, 8):
            programme.pay(20, seed=seed)
            stream.advance(connection)

    said = [entry.getMessage() for entry in caplog.records if "transfers of book 'cards'" in entry.getMessage()]
    assert len(said) == after - before
    assert all(f"by {WRITER}" in line and "the stream goes on" in line for line in said)
    require_equal(lake, programme)


@pytest.mark.parametrize(
    ("any_lake", "record"),
    places("written to", **{"written to": Transfer, "at rest": Partner, "watermark": PublishedWatermark}),
    indirect=["any_lake"],
)
def test_no_watermark_is_published_over_a_log_that_lost_its_newest_entry(
    any_lake: Lake, programme: Programme, record: type[Record]
) -> None:
    programme.pay(20)
    with feed_connection(programme.engine) as connection:
        stream = BookStream.open(connection, any_lake, programme.book)
        stream.advance(connection)
        version = remove_newest_entry(any_lake, record)
        programme.pay(20, seed=2)

        with pytest.raises(LostCommit, match=f"{record.TABLE} of book 'cards': version {version} of its log"):
            stream.advance(connection)
    stream_once(programme.engine, any_lake, programme.book)

    require_equal(any_lake, programme)


def test_an_entry_that_was_replaced_is_no_entry_of_ours(lake: Lake, programme: Programme) -> None:
    programme.pay(20)
    with feed_connection(programme.engine) as connection:
        stream = BookStream.open(connection, lake, programme.book)
        stream.advance(connection)
        stream.advance(connection)
        stream.look_around()  # what is replaced before anybody looked is found by its writer, at the next opening
        version = remove_newest_entry(lake, Transfer)
        rows_again(lake, Partner)
        foreign = Path(
            table_url(lake.url, "cards", Partner), "_delta_log", f"{table(lake, Partner).version():020}.json"
        )
        shutil.copy(foreign, Path(table_url(lake.url, "cards", Transfer), "_delta_log", f"{version:020}.json"))
        programme.pay(20, seed=2)

        with pytest.raises((LostCommit, DamagedLake), match=WRITER):
            stream.advance(connection)


@pytest.mark.parametrize(
    ("any_lake", "lost"),
    places(
        "newest entry of a table",
        **{
            "newest entry of a table": (Transfer, remove_newest_entry),
            "whole table": (Transfer, remove_table),
            "newest entry of the watermark": (PublishedWatermark, remove_newest_entry),
            "whole watermark": (PublishedWatermark, remove_table),
        },
    ),
    indirect=["any_lake"],
)
def test_what_the_lake_lost_is_said_and_brought_again_though_the_journal_is_at_rest(
    any_lake: Lake,
    programme: Programme,
    lost: tuple[type[Record], Callable[[Lake, type[Record]], object]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    record, lose = lost
    programme.pay(20)
    stream_once(programme.engine, any_lake, programme.book)
    lose(any_lake, record)

    stream_once(programme.engine, any_lake, programme.book)

    (line,) = [entry.getMessage() for entry in caplog.records if "the lake lost" in entry.getMessage()]
    assert "book 'cards'" in line
    assert record.TABLE.rstrip("s") in line
    require_equal(any_lake, programme)


def test_a_lake_put_back_to_an_older_copy_is_said_and_brought_up_again(
    lake: Lake, programme: Programme, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    programme.pay(20)
    stream_once(programme.engine, lake, programme.book)
    shutil.copytree(Path(lake.url, "cards"), tmp_path / "older")
    programme.pay(20, seed=2)
    stream_once(programme.engine, lake, programme.book)
    shutil.rmtree(Path(lake.url, "cards"))
    shutil.copytree(tmp_path / "older", Path(lake.url, "cards"))
    behind = [finding for finding in compare(programme.engine, lake, programme.book) if not finding.ok]

    stream_once(programme.engine, lake, programme.book)

    assert [finding.check for finding in behind] == ["lake_acknowledged"]
    assert any("its watermark stands at position" in entry.getMessage() for entry in caplog.records)
    require_equal(lake, programme)


def test_a_lake_of_which_nothing_is_left_is_not_made_anew_unasked(any_lake: Lake, programme: Programme) -> None:
    programme.pay(20)
    stream_once(programme.engine, any_lake, programme.book)
    remove(any_lake, f"{any_lake.url}/cards")
    gone = [finding for finding in compare(programme.engine, any_lake, programme.book) if not finding.ok]

    with pytest.raises(DamagedLake, match="holds nothing of book 'cards'") as refused:
        stream_once(programme.engine, any_lake, programme.book)

    assert "cofferdam stream --rebuild cards" in str(refused.value)
    assert [finding.check for finding in gone] == ["lake_acknowledged"]
    assert "cofferdam stream --rebuild cards" in gone[0].detail
    assert watermark(any_lake, "cards") is None


def test_a_running_worker_says_in_one_line_what_was_destroyed_while_the_journal_is_at_rest(
    engine: sa.Engine, any_lake: Lake, programme: Programme, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="cofferdam.stream")
    programme.pay(20)

    with running(engine, any_lake):
        wait_for(any_lake, "cards", last_position(programme))
        remove(any_lake, table_url(any_lake.url, "cards", Partner))
        deadline = time.monotonic() + 20
        while not any("streaming again" in entry.getMessage() for entry in caplog.records):
            assert time.monotonic() < deadline, "the worker did not notice"
            time.sleep(0.05)

    faults = [entry.getMessage() for entry in caplog.records if entry.levelno == logging.WARNING]
    assert len([line for line in faults if "partners of book 'cards': version" in line]) == 1
    require_equal(any_lake, programme)


def test_a_gap_in_a_log_is_told_by_table_and_version_to_whoever_reads(lake: Lake, programme: Programme) -> None:
    for seed in range(3):
        programme.pay(20, seed=seed)
        stream_once(programme.engine, lake, programme.book)
    version = table(lake, Transfer).version() - 1
    Path(table_url(lake.url, "cards", Transfer), "_delta_log", f"{version:020}.json").unlink()

    with pytest.raises(Refusal, match=f"transfers of book 'cards': version {version} of its log is gone") as refused:
        stream_once(programme.engine, lake, programme.book)
    wrong = [finding for finding in compare(programme.engine, lake, programme.book) if not finding.ok]

    assert "cofferdam stream --rebuild cards transfers" in str(refused.value)
    assert str(refused.value) in wrong[-1].detail
