"""Writers and PostgreSQL are killed without warning, and orders are sent again: nothing is lost, nothing doubled."""

import multiprocessing
import os
import random
import time
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import Event, Thread

import psycopg
import pytest
import sqlalchemy as sa

from ledger.book.judging.orders import TransferOrder
from ledger.book.posting.writer import BookWriter
from ledger.kernel.engines import create_engine
from ledger.kernel.errors import Unavailable
from tests.faults.bank import BEFORE, Bank, assert_sound, funding, look, open_bank, was_torn
from tests.faults.servers import kill_backend, kill_server

ROOT = Path(__file__).parents[2]

KILLS = int(os.environ.get("KILLS", "20"))
"""How often somebody is killed: `make soak` says 250."""

WRITERS = 2
PATIENCE_SECONDS = 60


class Victims:
    """Writers that post every batch of their own in turn; whoever is killed is started again."""

    def __init__(self, bank: Bank, folder: Path) -> None:
        self.bank, self.folder = bank, folder
        self.processes = multiprocessing.get_context("forkserver")
        self.processes.set_forkserver_preload([__name__])
        self.writers = [self._started(number) for number in range(WRITERS)]

    def kill_writer(self, number: int) -> None:
        self.writers[number].kill()
        self.writers[number].join()
        self.writers[number] = self._started(number)

    def end(self) -> None:
        for writer in self.writers:
            writer.kill()
            writer.join()

    def acknowledged(self) -> list[int]:
        """The batches whose writers had their answers."""
        return sorted({int(line) for file in self.folder.glob("done-*") for line in file.read_text().split()})

    def surprises(self) -> list[str]:
        return [line for file in self.folder.glob("surprise-*") for line in file.read_text().splitlines()]

    def _started(self, number: int) -> ForkServerProcess:
        arguments = (self.bank.engine.url.render_as_string(hide_password=False), str(self.folder), number)
        writer = self.processes.Process(target=write_batches, args=arguments, daemon=True)
        writer.start()
        return writer


def write_batches(url: str, folder: str, number: int) -> None:
    """What a writer does: post batch after batch, from two before the last that it noted; send again at faults."""
    done, surprises = Path(folder, f"done-{number}"), Path(folder, f"surprise-{number}")
    engine = create_engine(url)
    bank = retried(lambda: open_bank(engine))
    writer = BookWriter(engine, bank.book_id, columns_from=1)
    noted = [int(line) for line in done.read_text().split()] if done.exists() else []
    batch = max((noted or [number])[-1] - 2 * WRITERS, number)
    while True:
        try:
            outcomes = retried(lambda: writer.post(ordered(bank, batch)))  # noqa: B023  # called at once
            assert not was_torn(outcomes), f"batch {batch} was torn: {outcomes}"
        except BaseException as fault:
            with surprises.open("a") as file:
                file.write(f"{fault!r}\n")
            raise
        with done.open("a") as file:
            file.write(f"{batch}\n")
        batch += WRITERS


def ordered(bank: Bank, batch: int) -> list[TransferOrder]:
    """The orders of a batch: orders of every kind, and in every third batch payments, which columns post."""
    return bank.orders(batch) if batch % 3 else bank.payments(batch)


def retried(call):
    """Call until the server is there; a deadlock is never a reason to try again."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return call()
        except (Unavailable, psycopg.OperationalError, sa.exc.OperationalError) as fault:
            if "deadlock" in str(fault) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def watch(bank: Bank, stop: Event, looks: list[int], faults: list[BaseException]) -> None:
    """Look at the bank as often as it can be looked at: its invariants hold in every snapshot, positions never fall."""
    try:
        while not stop.is_set():
            looks.append(retried(lambda: look(bank, looks[-1])))
    except BaseException as fault:  # noqa: BLE001  # the test raises it in its own thread
        faults.append(fault)


@pytest.mark.slow
def test_whoever_is_killed_nothing_is_lost_and_nothing_is_done_twice(server_to_kill, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # what the writers import is this checkout, whichever is installed
    engine, chance = create_engine(server_to_kill.get_uri()), random.Random(2026)
    bank = open_bank(engine)
    BookWriter(engine, bank.book_id).post(funding(bank))
    victims, stop, looks, faults = Victims(bank, tmp_path), Event(), [0], []
    watcher = Thread(target=watch, args=(bank, stop, looks, faults))
    watcher.start()

    for _ in range(KILLS):
        time.sleep(chance.uniform(0.1, 0.5))
        whom = chance.choices(["writer", "backend", "server"], [7, 2, 1])[0]
        if whom == "writer":
            victims.kill_writer(chance.randrange(WRITERS))
        else:
            {"backend": kill_backend, "server": kill_server}[whom](server_to_kill)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(victims.acknowledged()) <= KILLS and time.monotonic() < deadline:  # a slow machine writes on for a while
        time.sleep(0.1)
    victims.end()
    stop.set()
    watcher.join(PATIENCE_SECONDS)
    acknowledged = victims.acknowledged()
    writer = BookWriter(engine, bank.book_id)
    answers = {batch: writer.post(ordered(bank, batch)) for batch in range(max(acknowledged) + 2 * WRITERS)}

    assert (faults, victims.surprises()) == ([], [])
    assert len(acknowledged) > KILLS
    assert len(set(looks)) > KILLS // 2
    assert [batch for batch in acknowledged if answers[batch][0].result not in BEFORE] == []
    assert [batch for batch, outcomes in answers.items() if was_torn(outcomes)] == []
    look(bank, 0)
    assert_sound(bank)
    engine.dispose()
