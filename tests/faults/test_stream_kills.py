"""Stream workers are killed at every step and at random while facts are posted; the lake loses and doubles nothing."""

import math
import os
import random
import time
from collections.abc import Iterator

import pytest

from tests.faults.scene import Scene
from tests.faults.steps import OPENING, STEPS, WRITING, Cut, Moment

KILLS = int(os.environ.get("KILLS", "0"))
"""How often a worker is killed in all: `make soak` says 1,000, at each moment of each step.

Without it, once before and once after each step that writes rows, and once after each other: a step that was not begun
is the end of the one before.
"""

AT_RANDOM = 12 if KILLS else 4
ROUNDS = max(1, math.ceil(KILLS / (len(STEPS) * len(Moment) + AT_RANDOM)))


def moments(step: str) -> list[Moment]:
    if KILLS:
        return list(Moment)
    return [Moment.BEFORE, Moment.AFTER] if step in WRITING else [Moment.AFTER]


def cuts(seed: int) -> Iterator[Cut]:
    """Each step at its moments, at its first call and at later ones; tables are made first, while none are there."""
    dice = random.Random(seed)
    steps = sorted(STEPS, key=lambda step: (step != "making a table", dice.random()))
    for place, step in enumerate(steps):
        for turn, moment in enumerate(moments(step), seed + place):
            yield Cut(step, moment, 1 + turn % (2 if step in OPENING else 3))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_worker_killed_at_any_step_loses_and_doubles_nothing(scene_of_two_books: Scene, seed: int) -> None:
    scene, dice = scene_of_two_books, random.Random(seed)

    with scene.traffic.flowing():
        for cut in cuts(seed):
            scene.die(cut)
        for _ in range(AT_RANDOM):
            worker = scene.start()
            time.sleep(dice.uniform(0.01, 0.5))
            scene.kill(worker, "killed at random")

    scene.end()
