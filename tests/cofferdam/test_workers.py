"""Worker processes: replaced when they are killed, ended with their parent, given up when they cannot start."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = """
import os, sys, time
from pathlib import Path
from cofferdam.runtime.workers import run_workers

folder = Path(sys.argv[1])

def serve(number):
    (folder / str(os.getpid())).touch()
    time.sleep(60)

run_workers(2, serve if sys.argv[2] == "serves" else lambda number: sys.exit(3))
"""


def _until(holds) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def program(tmp_path):
    started = subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path), "serves"])
    _until(lambda: len(list(tmp_path.iterdir())) == 2)
    yield started
    started.kill()
    started.wait()


def _workers(folder) -> set[int]:
    return {pid for each in folder.iterdir() if _lives(pid := int(each.name))}


@pytest.mark.usefixtures("program")
def test_a_killed_worker_is_replaced_and_the_others_go_on(tmp_path):
    first, second = _workers(tmp_path)

    os.kill(first, signal.SIGKILL)

    _until(lambda: len(_workers(tmp_path)) == 2 and first not in _workers(tmp_path))
    assert second in _workers(tmp_path)


def test_sigterm_ends_all_of_them(program, tmp_path):
    program.send_signal(signal.SIGTERM)

    assert program.wait(20) == 0
    assert _workers(tmp_path) == set()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent ended")
def test_workers_end_when_their_parent_is_killed(program, tmp_path):
    program.kill()
    program.wait()

    _until(lambda: _workers(tmp_path) == set())


def test_workers_that_cannot_start_are_given_up(tmp_path):
    program = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), "fails"], capture_output=True, text=True, timeout=60, check=False
    )

    assert program.returncode == 1
    assert "Unavailable: the workers end as soon as they are started" in program.stderr
