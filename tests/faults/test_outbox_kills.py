"""The process that follows the journal and makes calls is killed at each of its steps: each event is one call, told."""

import multiprocessing
import os
import random
import time
from collections import Counter
from datetime import timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

import ledger.timers.sweeper
from api.background import Background
from api.context import Committers
from ledger.kernel.clock import system_clock
from ledger.kernel.engines import create_engine
from ledger.outbox.records import CallState
from ledger.outbox.waiting_calls import CLAIM
from ledger.vault.vault import Vault
from tests.conftest import KEYRINGS
from tests.faults.peers import Way, peer
from tests.faults.steps import Cut, Moment, Step, arm, kill, kill_soon
from tests.ledger.conftest import make_shop
from tests.ledger.outbox.conftest import watched

ROOT = Path(__file__).parents[2]

KILLS = int(os.environ.get("KILLS", "14"))
"""How often the process is killed: `make soak` says 200."""

STEPS = {
    "reading how consumers stand": Step("ledger.journal.follower", "standings"),
    "reading the facts of a range": Step("ledger.journal.consumers", "_facts"),
    "moving a consumer's position": Step("ledger.journal.consumers", "_move"),
    "drafting side facts": Step("ledger.book.posting.writer", "drafted_beside"),
    "sealing a batch": Step("ledger.journal.journal", "seal"),
    "looking for what is due": Step("ledger.timers.sweeper", "due"),
    "claiming a call": Step("ledger.outbox.dispatcher", "claim_due"),
    "sending a call": Step("api.background", "send"),
    "drafting what came of a call": Step("ledger.outbox.calls", "_outcome"),
    "recording what came of a call": Step("api.context", "Committers.record"),
}
PATIENCE_SECONDS = 60


def work(url: str, later: timedelta, cut: Cut | None) -> None:
    """Be the background of an API whose clock is so much later, until killed: at the step, or by the test."""
    if cut is not None:
        arm(cut, kill_soon if cut.moment is Moment.DURING else kill, STEPS)
    ledger.timers.sweeper.INTERVAL_SECONDS = 0.01
    engine = create_engine(url)
    Background(engine, Committers(engine), Vault(engine, KEYRINGS), clock=lambda: system_clock() + later).start()
    time.sleep(PATIENCE_SECONDS)


class Victim:
    """A process that is started again whenever it was killed, with a clock past the claims of the one before."""

    def __init__(self, url: str) -> None:
        self.url, self.later, self.killed = url, timedelta(), Counter[str]()
        self.processes = multiprocessing.get_context("forkserver")
        self.processes.set_forkserver_preload([__name__])

    def start(self, cut: Cut | None) -> ForkServerProcess:
        self.later += CLAIM
        process = self.processes.Process(target=work, args=(self.url, self.later, cut), daemon=True)
        process.start()
        return process

    def run_until_killed(self, cut: Cut) -> None:
        process = self.start(cut)
        process.join(5)
        self.killed[cut.step] += process.exitcode is not None
        process.kill()
        process.join()


@pytest.fixture
def outbox(engine):
    yield from watched(make_shop(engine))


@pytest.mark.slow
def test_wherever_the_process_is_killed_each_event_is_one_call_and_every_call_is_told(
    outbox, database_url, monkeypatch
):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # what the process imports is this checkout, whichever is installed
    chance, victim = random.Random(2026), Victim(database_url)
    cuts = [Cut(step, moment) for step in STEPS for moment in Moment]
    with peer() as told:
        outbox.register(told.address)
        told.ways = [chance.choice([Way.WELL, Way.FAILS, Way.LIES]) for _ in range(KILLS)]

        for number in range(KILLS):
            outbox.trigger()
            cut = cuts[number] if number < len(cuts) else chance.choice(cuts)
            victim.run_until_killed(cut._replace(nth=chance.choice([1, 1, 2])))
        deadline = time.monotonic() + 4 * PATIENCE_SECONDS
        while len(outbox.calls(state=CallState.DELIVERED, limit=10_000)) < KILLS and time.monotonic() < deadline:
            victim.later += timedelta(minutes=40)  # longer than the first three pauses
            process = victim.start(None)
            process.join(2)
            process.kill()
            process.join()
        outbox.follow()

    assert_told(outbox, told.keys)
    assert sum(victim.killed.values()) > KILLS // 2, victim.killed


def assert_told(outbox, keys):
    """Every event has one call, each attempt one fact, and the other side learnt of each call and of no other."""
    with outbox.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT call_id, state, attempt FROM outbound_calls ORDER BY seq").all()
        events = connection.exec_driver_sql("SELECT count(*) FROM monitor_events").scalar_one()
        waiting = connection.exec_driver_sql("SELECT count(*) FROM waiting_calls").scalar_one()
    by_call = {}
    for row in rows:
        by_call.setdefault(row.call_id, []).append(row)
    assert len(by_call) == events == KILLS
    assert waiting == 0
    for history in by_call.values():
        assert [row.attempt for row in history] == list(range(len(history)))
        assert [row.state for row in history] == ["waiting"] * (len(history) - 1) + ["delivered"]
    assert set(keys) == {f"cal_{call_id.hex}" for call_id in by_call}
    assert outbox.faults() == []
