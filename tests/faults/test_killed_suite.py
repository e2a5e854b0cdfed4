"""A suite that is killed leaves no process and no folder behind; two that start at once leave each other's alone."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.reaper import members
from tests.scratch import FOLDER

ROOT = Path(__file__).parents[2]
SMALL = """
import os
import time
from pathlib import Path


def test_something(engine, object_store):
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
    Path(os.environ["READY"]).write_text(os.environ["TMPDIR"])
    time.sleep(600)
"""


@contextmanager
def small_suite(folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", Callable[[], Path]]]:
    """A suite of one test in a worker, which never ends; and a function that waits until it runs, for its folder."""
    folder.mkdir()
    (folder / "test_small.py").write_text(SMALL)
    environ = {name: text for name, text in os.environ.items() if name not in (FOLDER, "TMPDIR", "KEYRINGS")}
    environ["READY"] = str(folder / "ready")
    command = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "tests.conftest", "-n", "1", str(folder)]
    suite = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL)

    def place() -> Path:
        while not (folder / "ready").exists() or not (told := (folder / "ready").read_text()):
            assert suite.poll() is None, "it ended before it ran"
            time.sleep(0.05)
        return Path(told)

    try:
        yield suite, place
    finally:
        suite.kill()
        suite.wait()


def wait_until_gone(folder: Path) -> None:
    deadline = time.monotonic() + 30
    while folder.exists() or list(members(folder)):
        assert time.monotonic() < deadline, [process.cmdline() for process in members(folder)]
        time.sleep(0.1)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_suite_that_is_killed_leaves_no_process_and_no_folder(tmp_path: Path, number: signal.Signals) -> None:
    with small_suite(tmp_path / "small") as (suite, place):
        folder = place()
        running = {process.name() for process in members(folder)}

        suite.send_signal(number)
        suite.wait(10)

        assert "postgres" in running
        wait_until_gone(folder)


def test_suites_that_start_at_once_leave_each_others_folders_alone() -> None:
    script = "import os; from tests import scratch; scratch.settle(); print(os.environ['TMPDIR'], flush=True); input()"
    environ = {name: text for name, text in os.environ.items() if name not in (FOLDER, "TMPDIR")}
    pipe = subprocess.PIPE
    suites = [
        subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=environ, stdin=pipe, stdout=pipe, text=True)
        for _ in range(6)
    ]

    folders = [suite.stdout.readline().strip() for suite in suites if suite.stdout]
    standing = [Path(folder).is_dir() for folder in folders]
    for suite in suites:
        suite.communicate("\n")

    assert (len(set(folders)), standing) == (6, [True] * 6)
    for folder in folders:
        wait_until_gone(Path(folder))
