"""Two workers at once on one book, in a folder and in an object store, with the lock and without; one is killed."""

import os
import random
import time

import pytest

from tests.faults.scene import Scene

FULL = int(os.environ.get("KILLS", "0"))
TURNS = FULL // 40 or 1

LOCKED, LOCKLESS = "one waits for the lock", "neither has the lock"
REFUSED = {LOCKED: "another worker streams book", LOCKLESS: "another worker writes to"}
"""Who is refused by whom: by the ledger's lock, or by the store."""

PLACES = [("folder", LOCKED), ("folder", LOCKLESS), ("store", LOCKLESS), *([("store", LOCKED)] if FULL else [])]


@pytest.mark.slow
@pytest.mark.parametrize(("place", "locks"), PLACES)
def test_two_workers_killed_in_turn_take_over_from_each_other(
    request: pytest.FixtureRequest, place: str, locks: str
) -> None:
    scene: Scene = request.getfixturevalue("scene" if place == "folder" else "store_scene")
    dice, lockless = random.Random(2), locks == LOCKLESS

    with scene.traffic.flowing():
        workers = [scene.start(lockless=lockless) for _ in range(2)]
        scene.wait_until_said(REFUSED[locks])
        for turn in range(TURNS):
            scene.wait_for_progress()
            time.sleep(dice.uniform(0.0, 0.3))
            scene.kill(workers[turn % 2], f"two at once, {locks}, {place}: one killed")
            workers[turn % 2] = scene.start(lockless=lockless)
        scene.wait_for_progress()
        for worker in workers:
            scene.kill(worker, f"two at once, {locks}, {place}: both killed")

    scene.end()
