"""A damaged lake is made anew beside the one that stands, and takes its place: whatever happened."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lake.bronze.read import files, watermark
from lake.delta.files import live_files
from lake.errors import DamagedLake, ForeignLake
from lake.tables import Lake, PublishedWatermark, table_url
from ledger.book.records.transfers import Transfer
from ledger.journal.acknowledgements import acknowledged_watermark
from ledger.kernel.errors import InvalidInput, Unavailable
from ledger.kernel.record import Record
from ledger.kernel.settings import Settings
from ledger.records import STREAMED
from ledger.tenancy.records import Partner
from pipelines.silver.audit import compare_silver
from pipelines.silver.rebuild import rebuild_silver
from pipelines.silver.refresh import refresh_silver
from pipelines.stream import rebuild as rebuilds
from pipelines.stream.rebuild import bronze_named, rebuild
from pipelines.stream.worker import feed_connection, stream_once
from tests import warm
from tests.pipelines.stream.programme import Programme
from tests.pipelines.stream.test_stream_damage import (
    FOREIGN_ROWS,
    FULL,
    any_lake,
    changeable,
    remove,
    remove_newest_entry,
    rows_again,
    table,
)
from tests.pipelines.stream.test_stream_worker import last_position, require_equal, running, wait_for

__all__ = ["any_lake"]


def no_bar(_done: int, _total: int) -> None:
    pass


def mend(lake: Lake, programme: Programme, name: str | None = None) -> None:
    rebuild(programme.engine, lake, programme.book, bronze_named(name), progress=no_bar)
    rebuild_silver(programme.engine, lake, programme.book)


def require_whole(lake: Lake, programme: Programme) -> None:
    """Bronze and silver equal the ledger, which knows what stands, and the stream goes on."""
    require_mended(lake, programme)
    programme.pay(5, seed=99)
    assert stream_once(programme.engine, lake, programme.book).rows > 0
    require_equal(lake, programme)


def require_mended(lake: Lake, programme: Programme) -> None:
    require_equal(lake, programme)
    assert all(finding.ok for finding in compare_silver(programme.engine, lake, programme.book))
    cut = watermark(lake, "cards")
    with feed_connection(programme.engine) as connection:
        told = acknowledged_watermark(connection, programme.book.book_id)
    assert cut is not None
    assert told is not None
    assert (told.seq, told.chain_hash, told.versions) == (cut.seq, cut.chain_hash, cut.versions)


def gap(lake: Lake, record: type[Record]) -> None:
    remove(lake, f"{table_url(lake.url, 'cards', record)}/_delta_log/{1:020}.json")


def flipped_bit(lake: Lake, record: type[Record]) -> None:
    largest = max(live_files(table(lake, record)), key=lambda each: each.size)
    path = Path(table_url(lake.url, "cards", record), largest.path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES: dict[str, Callable[[Lake, type[Record]], object]] = {
    **{kind: FOREIGN_ROWS[kind] for kind in ("append", "overwrite", "protocol")},
    "newest entry gone": remove_newest_entry,
    "gap in the log": gap,
    "entry that is no JSON": lambda lake, record: Path(
        table_url(lake.url, "cards", record), "_delta_log", f"{1:020}.json"
    ).write_text("{"),
    "table gone": lambda lake, record: remove(lake, table_url(lake.url, "cards", record)),
    "book gone": lambda lake, _record: remove(lake, f"{lake.url}/cards"),
    "flipped bit": flipped_bit,
    "emptied": lambda lake, record: changeable(lake, record).delete(),
    "foreign property": lambda lake, record: table(lake, record).alter.set_table_properties(
        {"somebody.else": "x"}, raise_if_not_exists=False
    ),
}
NO_WATERMARK = {"book gone"}


@pytest.fixture
def streamed(programme: Programme, lake: Lake) -> Programme:
    for seed in range(3):
        programme.pay(40, seed=seed)
        stream_once(programme.engine, lake, programme.book)
    refresh_silver(programme.engine, lake, programme.book)
    return programme


@pytest.mark.slow
@pytest.mark.parametrize(
    ("record", "kinds"),
    [(Transfer, list(DAMAGES)), (PublishedWatermark, ["append", "gap in the log", "flipped bit", "table gone"])],
    ids=["of a table", "of the watermark"],
)
def test_whatever_is_damaged_one_command_makes_the_lake_anew(
    lake: Lake, streamed: Programme, record: type[Record], kinds: list[str]
) -> None:
    """A rebuild compares what it made with the ledger before the exchange; here all of it is compared at the end."""
    for kind in kinds:
        DAMAGES[kind](lake, record)

        name = None if kind in NO_WATERMARK else record.TABLE
        rebuild(streamed.engine, lake, streamed.book, bronze_named(name), progress=no_bar)

        assert not list(Path(lake.url, "_rebuild").glob("cards")), kind
        streamed.pay(3)
        assert stream_once(streamed.engine, lake, streamed.book).rows > 0, kind
    rebuild_silver(streamed.engine, lake, streamed.book)
    require_whole(lake, streamed)


def test_a_rebuild_works_in_a_folder_and_in_an_object_store(any_lake: Lake, programme: Programme) -> None:
    for seed in range(3):
        programme.pay(20, seed=seed)
        stream_once(programme.engine, any_lake, programme.book)
    rows_again(any_lake, Transfer)

    mend(any_lake, programme, "transfers")

    require_whole(any_lake, programme)
    if any_lake.is_local or FULL:  # a whole book is the same, table by table
        remove(any_lake, f"{any_lake.url}/cards/")
        mend(any_lake, programme)

        require_whole(any_lake, programme)


def test_a_running_worker_gives_way_and_goes_on_in_the_new_tables_while_readers_keep_their_files(
    lake: Lake, streamed: Programme
) -> None:
    with running(streamed.engine, lake):
        cut = wait_for(lake, "cards", last_position(streamed))
        held = files(lake, "cards", Transfer, cut)
        with paying(streamed):
            mend(lake, streamed)
        streamed.pay(20, seed=8)
        wait_for(lake, "cards", last_position(streamed))

    assert all(Path(path).exists() for path in held)
    assert not set(held) & set(files(lake, "cards", Transfer, cut))
    require_whole(lake, streamed)


@contextmanager
def paying(programme: Programme) -> Iterator[None]:
    """Traffic that never rests while the block lasts."""
    stop = threading.Event()

    def pay() -> None:
        while not stop.wait(0.02):
            programme.pay(1)

    traffic = threading.Thread(target=pay)
    traffic.start()
    try:
        yield
    finally:
        stop.set()
        traffic.join()


KILLED = """
import importlib, itertools, os, signal, sys
from lake.tables import Lake
from ledger.kernel.settings import Settings
from ledger.tenancy.directory import Directory
from pipelines.silver.rebuild import rebuild_silver
from pipelines.stream.rebuild import bronze_named, rebuild

database_url, home, module, name, nth, moment = sys.argv[1:]
owner = importlib.import_module(module)
call, turns = getattr(owner, name), itertools.count(1)

def armed(*values, **named):
    turn = next(turns) == int(nth)
    if turn and moment == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    answer = call(*values, **named)
    if turn:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer

setattr(owner, name, armed)
lake = Lake.of(Settings.from_env({"COFFERDAM_HOME": home, "COFFERDAM_DATABASE_URL": database_url}))
with Directory(database_url) as found:
    place = found.place_of("cards")
    rebuild(place.engine, lake, place.book, bronze_named(None), progress=lambda done, total: None)
    rebuild_silver(place.engine, lake, place.book)
"""
STEPS = {
    "while tables are made": ("lake.bronze.append", "write_file", 3, "before", False),
    "once the plan is put down": ("pipelines.stream.rebuild", "plan_exchange", 1, "after", True),
    "between two tables": ("lake.bronze.replacement", "_exchange_folders", 4, "after", True),
    "between two logs": ("os", "link", 1, "after", True),
    "before it is acknowledged": ("pipelines.stream.rebuild", "acknowledge", 1, "before", True),
    "once it is exchanged": ("lake.bronze.replacement", "_folder", 5, "after", True),
    "while silver is exchanged": ("lake.bronze.replacement", "_exchange_folders", len(STREAMED) + 3, "before", True),
}


@pytest.mark.slow
def test_a_rebuild_that_is_killed_at_any_step_is_finished_by_the_same_command(
    lake: Lake, streamed: Programme, settings: Settings
) -> None:
    for step, (module, name, nth, moment, is_planned) in STEPS.items():
        before = watermark(lake, "cards")
        argv = [str(settings.database_url), str(settings.home), module, name, str(nth), moment]
        killed = warm.python(KILLED, *argv)
        assert killed.returncode == -9, step
        if not is_planned:
            assert watermark(lake, "cards") == before, step
            require_equal(lake, streamed)

        mend(lake, streamed)

        require_mended(lake, streamed)
    require_whole(lake, streamed)


def test_nobody_writes_to_a_book_while_an_exchange_is_broken_off(
    lake: Lake, streamed: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_values: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(rebuilds, "exchange_tables", broken)
        with pytest.raises(KeyboardInterrupt):
            mend(lake, streamed, "partners")

    with pytest.raises(
        DamagedLake, match=r"partners may be exchanged or not.*: cofferdam stream --rebuild cards partners"
    ):
        stream_once(streamed.engine, lake, streamed.book)
    mend(lake, streamed, "partners")
    require_whole(lake, streamed)


def test_a_disk_that_becomes_full_leaves_what_stands_and_nothing_beside_it(
    lake: Lake, streamed: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_values: object, **_named: object) -> None:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patched:
        patched.setattr("lake.bronze.append.write_file", full)
        with pytest.raises(Unavailable, match="No space left on device"):
            mend(lake, streamed)

    assert not Path(lake.url, "_rebuild", "cards").exists()
    require_whole(lake, streamed)


def test_a_table_is_not_made_anew_alone_without_a_watermark_nor_over_another_ledgers_tables(
    lake: Lake, streamed: Programme
) -> None:
    with pytest.raises(InvalidInput, match=r"there is no table 'transfer'; there are: .*transfers"):
        bronze_named("transfer")
    remove(lake, table_url(lake.url, "cards", PublishedWatermark))

    with pytest.raises(DamagedLake, match=r"make the whole book anew: cofferdam stream --rebuild cards$"):
        rebuild(streamed.engine, lake, streamed.book, [Partner], progress=no_bar)

    for record in STREAMED:
        table(lake, record).alter.set_table_properties({"cofferdam.cluster": "7"}, raise_if_not_exists=False)
    with pytest.raises(ForeignLake, match="belong to another ledger"):
        mend(lake, streamed)


def test_the_command_that_damage_names_mends_it(lake: Lake, streamed: Programme, settings: Settings) -> None:
    gap(lake, PublishedWatermark)
    with pytest.raises(DamagedLake) as damaged:
        stream_once(streamed.engine, lake, streamed.book)
    _, _, command = str(damaged.value).partition("make the table anew: cofferdam ")

    mended = warm.cofferdam(settings, *command.split(), timeout=120)

    assert mended.returncode == 0, mended.stderr
    assert "watermarks of cards is rebuilt and equals the ledger" in mended.stderr
    require_whole(lake, streamed)
