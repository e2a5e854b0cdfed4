"""The journal reaches the lake whole, in order, once."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa

from lake.bronze.append import PositionRange, TableWriter
from lake.bronze.read import Watermark, files, watermark
from lake.delta.compaction import FAN
from lake.errors import Fenced, ForeignLake
from lake.tables import Lake
from ledger.book.records.transfers import Transfer
from ledger.journal.feed import cluster_id
from ledger.journal.journal import head
from ledger.journal.records import JournalBatch
from ledger.kernel.errors import Unavailable
from ledger.kernel.record import Record
from ledger.records import FACTS, STREAMED
from pipelines.stream.audit import compare
from pipelines.stream.book_stream import BookStream
from pipelines.stream.rows import RecordRange, read_rows
from pipelines.stream.worker import feed_connection, run, stream_once
from tests.pipelines.stream.programme import PERSONAL, Programme, open_programme, sole_server, sole_zone


def last_position(programme: Programme) -> int:
    with programme.engine.connect() as connection:
        return head(connection, programme.book.book_id).last_seq


def rows_in(lake: Lake, record: type[Record], cut: Watermark) -> int:
    pinned = files(lake, "cards", record, cut)
    if not pinned:
        return 0
    query = "SELECT count(*) FROM read_parquet($pinned) WHERE seq <= $upto"
    ((count,),) = duckdb.sql(query, params={"pinned": pinned, "upto": cut.seq}).fetchall()
    return int(count)


def require_equal(lake: Lake, programme: Programme) -> None:
    findings = compare(programme.engine, lake, programme.book)

    assert len(findings) == len(STREAMED) + 2
    assert [finding for finding in findings if not finding.ok] == []


@contextmanager
def running(engine: sa.Engine, lake: Lake) -> Iterator[threading.Thread]:
    stop = threading.Event()
    worker = threading.Thread(
        target=run, args=(sole_server(engine), sole_zone(lake)), kwargs={"tick": 0.02, "stop": stop}
    )
    worker.start()
    try:
        yield worker
    finally:
        stop.set()
        worker.join(timeout=30)
    assert not worker.is_alive()


def wait_for(lake: Lake, book_name: str, seq: int) -> Watermark:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        cut = watermark(lake, book_name)
        if cut is not None and cut.seq >= seq:
            return cut
        time.sleep(0.1)  # a look reads a log, from a store by several requests
    pytest.fail(f"book {book_name} did not reach position {seq}")


def test_everything_that_the_journal_holds_is_in_the_lake_afterwards(lake: Lake, programme: Programme) -> None:
    programme.pay(200)
    programme.pay(300, seed=2)
    steps: list[tuple[int, int]] = []

    streamed = stream_once(
        programme.engine, lake, programme.book, progress=lambda done, total: steps.append((done, total))
    )

    last = last_position(programme)
    assert streamed.seq == last
    assert steps[-1] == (last, last)
    require_equal(lake, programme)


def test_a_second_time_nothing_is_written(lake: Lake, programme: Programme) -> None:
    programme.pay(50)
    stream_once(programme.engine, lake, programme.book)
    before = watermark(lake, "cards")

    again = stream_once(programme.engine, lake, programme.book)

    assert (again.seq, again.rows) == (last_position(programme), 0)
    assert watermark(lake, "cards") == before


def test_a_watermark_is_one_cut_through_all_tables(lake: Lake, programme: Programme) -> None:
    programme.pay(100)
    stream_once(programme.engine, lake, programme.book)
    cut = watermark(lake, "cards")
    assert cut is not None

    programme.pay(100, seed=2)
    stream_once(programme.engine, lake, programme.book)

    assert sum(rows_in(lake, record, cut) for record in FACTS) == cut.seq, "every position is one row of one table"
    newer = watermark(lake, "cards")
    assert newer is not None
    assert rows_in(lake, Transfer, newer) > rows_in(lake, Transfer, cut)


def test_a_table_without_new_rows_gets_no_commit(lake: Lake, programme: Programme) -> None:
    stream_once(programme.engine, lake, programme.book)
    before = watermark(lake, "cards")
    programme.pay(10)
    stream_once(programme.engine, lake, programme.book)
    after = watermark(lake, "cards")

    assert before is not None
    assert after is not None
    changed = {name for name in after.versions if after.versions[name] != before.versions[name]}
    assert {"transfers", "actors", "journal_batches"} <= changed
    assert not changed & {"partners", "customers", "accounts"}


def test_more_than_one_commit_can_hold_is_cut_at_the_ends_of_batches(
    lake: Lake, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("book_stream", "worker"):
        monkeypatch.setattr(f"pipelines.stream.{name}.POSITIONS_MAX", 70)
    for seed in range(4):
        programme.pay(50, seed=seed)
    programme.pay(300, seed=9)  # a single batch larger than a commit
    cuts: list[int] = []

    stream_once(programme.engine, lake, programme.book, progress=lambda done, _: cuts.append(done))

    with programme.engine.connect() as connection:
        ends = set(connection.execute(sa.text("SELECT seq FROM journal_batches")).scalars())
    assert len(cuts) > 4
    assert set(cuts[1:]) <= ends
    require_equal(lake, programme)


def test_a_cut_that_a_killed_worker_left_half_done_is_finished_first(lake: Lake, programme: Programme) -> None:
    programme.pay(40)
    stream_once(programme.engine, lake, programme.book)
    before = watermark(lake, "cards")
    assert before is not None
    programme.pay(40, seed=2)
    half_done = last_position(programme)
    with feed_connection(programme.engine) as connection:
        writer = TableWriter.open(lake, programme.book, Transfer, cluster_id=cluster_id(connection))
        rows = read_rows(connection, programme.book.book_id, RecordRange(Transfer, before.seq, half_done))
        writer.append(rows, PositionRange(before.seq, half_done, "00"))
    programme.pay(40, seed=3)

    with feed_connection(programme.engine) as connection:
        stream = BookStream.open(connection, lake, programme.book)
        reopened = watermark(lake, "cards")
        first, second = stream.advance(connection), stream.advance(connection)

    assert reopened == before
    assert first is not None
    assert second is not None
    assert first.seq == half_done
    assert second.seq == last_position(programme)
    require_equal(lake, programme)


def test_the_worker_follows_every_book_also_those_opened_later(
    engine: sa.Engine, lake: Lake, programme: Programme
) -> None:
    with running(engine, lake):
        programme.pay(20)
        wait_for(lake, "cards", last_position(programme))
        later = open_programme(engine, "pkdd99")
        later.pay(20)
        wait_for(lake, "pkdd99", last_position(later))

    require_equal(lake, programme)
    require_equal(lake, later)


def test_small_files_are_folded_while_they_stream(lake: Lake, programme: Programme) -> None:
    with feed_connection(programme.engine) as connection:
        stream = BookStream.open(connection, lake, programme.book)
        for seed in range(40):
            programme.pay(3, seed=seed)
            stream.advance(connection)

    cut = watermark(lake, "cards")
    assert cut is not None
    assert len(files(lake, "cards", JournalBatch, cut)) <= 40 // FAN + FAN
    require_equal(lake, programme)


def test_while_another_worker_has_the_book_a_second_one_waits_for_its_watermark(
    engine: sa.Engine, lake: Lake, programme: Programme
) -> None:
    programme.pay(20)

    with feed_connection(engine) as holder:
        stream = BookStream.open(holder, lake, programme.book)
        with feed_connection(engine) as other, pytest.raises(Fenced, match="another worker streams book 'cards'"):
            BookStream.open(other, lake, programme.book)
        waiting = threading.Thread(target=stream_once, args=(engine, lake, programme.book))
        waiting.start()
        stream.advance(holder)
        waiting.join(timeout=20)

    assert not waiting.is_alive()
    require_equal(lake, programme)


def test_who_waits_for_a_worker_that_dies_takes_over(engine: sa.Engine, lake: Lake, programme: Programme) -> None:
    programme.pay(20)

    with feed_connection(engine) as holder:
        BookStream.open(holder, lake, programme.book)
        waiting = threading.Thread(target=stream_once, args=(engine, lake, programme.book))
        waiting.start()
        waiting.join(timeout=0.5)
        was_waiting = waiting.is_alive()
    waiting.join(timeout=20)

    assert was_waiting
    assert not waiting.is_alive()
    require_equal(lake, programme)


def test_two_workers_at_once_write_every_row_once(engine: sa.Engine, lake: Lake, programme: Programme) -> None:
    with running(engine, lake), running(engine, lake):
        for seed in range(20):
            programme.pay(10, seed=seed)
        wait_for(lake, "cards", last_position(programme))

    require_equal(lake, programme)


def test_a_worker_that_lost_its_lock_without_knowing_is_stopped_by_delta(
    engine: sa.Engine, lake: Lake, programme: Programme
) -> None:
    programme.pay(20)
    with feed_connection(engine) as connection:
        stale = BookStream.open(connection, lake, programme.book)
        connection.execute(sa.text("SELECT pg_advisory_unlock_all()"))
        stream_once(engine, lake, programme.book)

        with pytest.raises(Fenced, match="another worker writes to"):
            stale.advance(connection)

    require_equal(lake, programme)


def test_lost_connections_are_survived_and_said_once(
    engine: sa.Engine, tampering: sa.Engine, lake: Lake, programme: Programme, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="cofferdam.stream")

    with running(engine, lake):
        programme.pay(20)
        wait_for(lake, "cards", last_position(programme))
        with tampering.connect() as connection:
            connection.execute(
                sa.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        programme.engine.dispose()
        programme.pay(20, seed=2)
        wait_for(lake, "cards", last_position(programme))

    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert "nothing is lost, trying again" in warnings[0]
    assert "\n" not in warnings[0]
    require_equal(lake, programme)


def test_a_ledger_with_another_history_is_refused(
    engine: sa.Engine, tampering: sa.Engine, lake: Lake, programme: Programme
) -> None:
    programme.pay(20)
    stream_once(engine, lake, programme.book)
    with tampering.begin() as connection:
        connection.execute(sa.text("UPDATE journal_batches SET hash = merkle_root"))

    with pytest.raises(ForeignLake, match="holds another history"):
        stream_once(engine, lake, programme.book)


def test_a_ledger_that_was_set_back_is_refused(
    engine: sa.Engine, tampering: sa.Engine, lake: Lake, programme: Programme
) -> None:
    programme.pay(20)
    stream_once(engine, lake, programme.book)
    with tampering.begin() as connection:
        connection.execute(sa.text("DELETE FROM journal_batches WHERE seq = (SELECT max(seq) FROM journal_batches)"))

    with pytest.raises(ForeignLake, match="ends no batch there"):
        stream_once(engine, lake, programme.book)


def test_one_faulty_book_does_not_hold_up_the_others(
    engine: sa.Engine, lake: Lake, programme: Programme, caplog: pytest.LogCaptureFixture
) -> None:
    broken = open_programme(engine, "broken")
    Path(lake.url).mkdir(parents=True)
    Path(lake.url, "broken").write_text("a file where a folder should be")

    with running(engine, lake):
        programme.pay(20)
        wait_for(lake, "cards", last_position(programme))

    require_equal(lake, programme)
    assert any(broken.book.name in record.getMessage() for record in caplog.records)


def test_a_lake_that_cannot_be_written_is_refused_by_name_and_may_be_tried_again(
    engine: sa.Engine, lake: Lake, programme: Programme
) -> None:
    Path(lake.url).mkdir(parents=True)
    Path(lake.url, "cards").write_text("a file where a folder should be")

    with pytest.raises(Unavailable, match="nothing is lost") as refused:
        stream_once(engine, lake, programme.book)
    Path(lake.url, "cards").unlink()
    streamed = stream_once(engine, lake, programme.book)

    assert lake.url in str(refused.value)
    assert streamed.seq == last_position(programme)


def test_no_personal_reference_reaches_any_byte_of_the_lake(lake: Lake, programme: Programme) -> None:
    programme.pay(20)
    stream_once(programme.engine, lake, programme.book)

    everything = [path for path in Path(lake.url).rglob("*") if path.is_file()]

    assert len(everything) > len(STREAMED)
    assert not [path for path in everything if PERSONAL.encode() in path.read_bytes()]
