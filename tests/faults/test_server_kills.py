"""Two PostgreSQL servers with a worker each, killed in turn; then marts over both, traced and verified."""

import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from ledger.kernel.settings import Settings
from ledger.tenancy.directory import Directory
from pipelines.build import build
from pipelines.lineage.rows import trace_row
from pipelines.lineage.tracing import opened_tracing
from pipelines.verification.checks import verify
from tests import warm
from tests.conftest import vaulted_directory
from tests.pipelines.stream.programme import Programme, open_programme

ROOT = Path(__file__).parents[2]
TURNS = int(os.environ.get("KILLS", "4"))
"""How often a worker is killed, the two in turn; `make soak` says 40."""


@pytest.fixture
def two_servers(settings: Settings, other_database_url: str) -> Settings:
    settings.home.mkdir(parents=True, exist_ok=True)
    file = settings.home / "directory.toml"
    file.write_text(f'[books]\neu = "{other_database_url}"\n')
    return replace(settings, directory_file=file, book_urls={"eu": other_database_url})


@pytest.fixture
def directory(two_servers: Settings) -> Iterator[Directory]:
    with vaulted_directory(str(two_servers.database_url), two_servers.book_urls) as made:
        yield made


def started_worker(settings: Settings, server: int) -> warm.Started:
    return warm.started_cofferdam(settings, "stream", "--server", str(server))


@contextmanager
def posting(programme: Programme) -> Iterator[None]:
    """Facts keep coming, in batches of changing size."""
    stop = threading.Event()

    def post() -> None:
        seed = 0
        while not stop.wait(0.02):
            programme.pay(1 + seed % 40, seed=seed)
            seed += 1

    thread = threading.Thread(target=post)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.mark.slow
def test_workers_of_two_servers_killed_in_turn_lose_nothing_and_the_marts_hold_both(
    two_servers: Settings, directory: Directory
) -> None:
    us, eu = (open_programme(directory.engine_of(name), name) for name in ("us", "eu"))
    dice = random.Random(4)

    with posting(us), posting(eu):
        workers = [started_worker(two_servers, server) for server in (1, 2)]
        for turn in range(TURNS):
            time.sleep(dice.uniform(0.3, 1.2))
            workers[turn % 2].kill()
            workers[turn % 2] = started_worker(two_servers, 1 + turn % 2)
        for worker in workers:
            worker.kill()
    report = build(two_servers, progress=lambda _: None)

    assert set(report.positions) == {"us", "eu"}
    assert [check for check in verify(two_servers, directory) if not check.ok] == []
    with duckdb.connect(str(two_servers.warehouse), read_only=True) as warehouse:
        stated = dict(warehouse.execute("SELECT DISTINCT book_name, as_of_seq FROM finance.dim_account").fetchall())
        kinds = warehouse.execute("SELECT book_name, account_kind FROM regulatory.rpt_trial_balance").fetchall()
    assert stated == report.positions
    assert len(kinds) == len(set(kinds)), "one row per book and kind of account"
    with opened_tracing(two_servers) as tracing:
        kind = next(kind for name, kind in kinds if name == "eu")
        key = {"book_name": "eu", "currency": "USD", "account_kind": kind}
        assert trace_row(tracing, "rpt_trial_balance", key, limit=5).agrees
