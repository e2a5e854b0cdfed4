"""Books of several servers are streamed side by side, and a server that is away holds up none of the others."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from rich.console import Console

from cofferdam.commands.lake.stream import bring_all
from lake.bronze.read import watermark
from lake.tables import Lake
from ledger.kernel.errors import Unavailable
from ledger.kernel.settings import Settings
from ledger.tenancy.directory import Directory, Server
from pipelines.stream.worker import run
from pipelines.verification.checks import verify
from tests.conftest import vaulted_directory
from tests.pipelines.stream.programme import Programme, open_programme, sole_zone

NOWHERE = "postgresql://u:hunter2@127.0.0.1:1/x"


@pytest.fixture
def directory(database_url: str, other_database_url: str) -> Iterator[Directory]:
    with vaulted_directory(database_url, {"eu": other_database_url}) as made:
        yield made


@pytest.fixture
def books(directory: Directory) -> list[Programme]:
    """Book 1 of each server, and one that the directory does not know on the second."""
    made = [open_programme(directory.engine_of(name), name) for name in ("us", "eu")]
    assert [each.book.book_id for each in made] == [1, 1]
    open_programme(directory.engine_of("eu"), "stranger")
    for seed, each in enumerate(made):
        each.pay(30 + seed, seed=seed)
    return made


@contextmanager
def running(servers: list[Server], lake: Lake) -> Iterator[None]:
    stop = threading.Event()
    workers = [
        threading.Thread(target=run, args=(each, sole_zone(lake)), kwargs={"tick": 0.02, "stop": stop})
        for each in servers
    ]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        stop.set()
        for worker in workers:
            worker.join(timeout=30)


def wait_for(lake: Lake, programme: Programme) -> None:
    with programme.engine.connect() as connection:
        last = connection.execute(sa.text("SELECT last_seq FROM book_heads WHERE book_id = 1")).scalar_one()
    deadline = time.monotonic() + 30
    while (cut := watermark(lake, programme.book.name)) is None or cut.seq < last:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_worker_per_server_follows_the_books_that_live_there(
    directory: Directory, books: list[Programme], lake: Lake, settings: Settings
) -> None:
    with running(directory.servers(), lake):
        for each in books:
            each.pay(10, seed=7)
            wait_for(lake, each)

    checks = list(verify(settings, directory))

    assert [check for check in checks if not check.ok] == []
    assert {check.book for check in checks} == {"us", "eu", None}
    assert watermark(lake, "stranger") is None


def test_a_server_that_is_away_is_named_in_the_end_and_the_others_are_there(
    database_url: str, books: list[Programme], lake: Lake
) -> None:
    with (
        vaulted_directory(database_url, {"eu": NOWHERE}) as cut_off,
        pytest.raises(Unavailable, match=r"the store of server 2 \(eu\) does not answer") as refusal,
    ):
        bring_all(cut_off.servers(), sole_zone(lake), Console(quiet=True))

    assert "hunter2" not in str(refusal.value)
    assert watermark(lake, "eu") is None
    wait_for(lake, books[0])


def test_verify_fails_for_a_server_that_is_away_and_verifies_the_others(
    database_url: str, books: list[Programme], settings: Settings, lake: Lake, directory: Directory
) -> None:
    bring_all(directory.servers(), sole_zone(lake), Console(quiet=True))

    with vaulted_directory(database_url, {"eu": NOWHERE}) as cut_off:
        checks = list(verify(settings, cut_off))

    wrong = [check.check for check in checks if not check.ok]
    assert wrong[0] == "server 2 (eu)"
    assert {check.book for check in checks} == {books[0].book.name, None}


def test_without_a_file_the_one_server_has_every_book(database_url: str, engine: sa.Engine) -> None:
    open_programme(engine, "us")

    with vaulted_directory(database_url) as alone:
        (server,) = alone.servers()

        assert (server.name, [place.book.name for place in server.places()]) == ("the default server", ["us"])
        assert database_url not in repr(server)
