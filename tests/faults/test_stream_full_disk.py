"""A disk that is full to the last byte stops the stream with a line, wherever it was, and costs no row."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from lake.bronze.read import watermark
from lake.tables import Lake
from ledger.kernel.settings import Settings
from pipelines.stream.audit import compare
from pipelines.stream.worker import stream_once
from tests.faults.forker import Forker
from tests.faults.scene import PATIENCE_SECONDS, Scene
from tests.faults.steps import KEEPING, WRITING, Cut, Moment
from tests.faults.survived import Survived
from tests.pipelines.stream.programme import open_programme

DISK_BYTES = 192 << 20

STEPS = (
    ["writing a joined file", *WRITING, *KEEPING]
    if os.environ.get("KILLS")
    else ["storing a commit", "folding small files", "joining settled files", "writing a checkpoint"]
)
"""Where the disk becomes full, once for each."""

SAID = "No space left on device"

LIMITED_WORKER = """
import logging, resource, sys, threading
from lake.residency.zones import Zones
from ledger.kernel.settings import Settings
from ledger.tenancy.directory import Directory
from pipelines.stream.worker import run

database_url, home = sys.argv[1:]
settings = Settings.from_env({"COFFERDAM_HOME": home, "COFFERDAM_DATABASE_URL": database_url})
logging.basicConfig(format="%(message)s")
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
stop = threading.Event()
threading.Timer(1.5, stop.set).start()
run(Directory(database_url).servers()[0], Zones.of(settings), tick=0.01, stop=stop)
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, small enough to be filled."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(place)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"a file system can be mounted by root only: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def disk_scene(database_url: str, disk: Path, tmp_path: Path, forker: Forker, survived: Survived) -> Iterator[Scene]:
    environ = {"COFFERDAM_HOME": str(disk / "home"), "COFFERDAM_DATABASE_URL": database_url}
    with closing(Scene(environ, forker, survived, tmp_path, is_small=True)) as made:
        yield made


def wait_until_full(disk: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while os.statvfs(disk).f_bavail:
        assert time.monotonic() < deadline, "the step is not reached"
        time.sleep(0.005)


@pytest.mark.slow
def test_a_disk_that_becomes_full_at_any_step_costs_nothing(disk_scene: Scene, disk: Path) -> None:
    scene, filler = disk_scene, disk / "filler"

    with scene.traffic.flowing():
        for step in STEPS:
            lines = scene.said().count(SAID)
            worker = scene.start(cut=Cut(step, Moment.BEFORE), filler=str(filler))
            wait_until_full(disk)
            scene.wait_until_said(SAID, times=lines + 1)
            filler.unlink()
            scene.wait_for_progress()
            scene.kill(worker, "killed after the disk had been full")
            scene.faults[f"disk full while {step}"] += 1

    scene.end()


def test_a_file_that_cannot_be_written_is_said_in_one_line_and_written_later(
    engine: sa.Engine, settings: Settings
) -> None:
    programme, lake = open_programme(engine), Lake.of(settings)
    stream_once(engine, lake, programme.book)
    before = watermark(lake, "cards")
    programme.pay(2_000)  # their file is larger than the limit

    command = [sys.executable, "-c", LIMITED_WORKER, str(settings.database_url), str(settings.home)]
    worker = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    during = watermark(lake, "cards")
    after = stream_once(engine, lake, programme.book)

    assert worker.returncode == 0
    assert before == during
    (line,) = [line for line in worker.stderr.splitlines() if line.startswith("book ")]  # Delta's own threads say more
    assert line.startswith("book 'cards': ")
    assert "File too large" in line
    assert before is not None
    assert after.seq - before.seq >= 2_000, "all of it is in the lake"
    assert after.rows > 1_000, "the tables that were written before the one that could not be are not written again"
    assert all(finding.ok for finding in compare(engine, lake, programme.book))
