"""The supervisor starts dead programs again, and leaves none behind, whatever becomes of itself."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from cofferdam.runtime.ports import held_port
from cofferdam.runtime.processes import Program, Supervisor

ROOT = Path(__file__).parents[2]
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(99)"
)


def python(name: str, script: str) -> Program:
    return Program(name, (sys.executable, "-c", script), dict(os.environ), ROOT)


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, lines: list[str]) -> Iterator[Supervisor]:
    with Supervisor(tmp_path / "logs", lines.append) as made:
        yield made


def test_a_killed_program_is_started_again_and_said_so_in_one_line(supervisor: Supervisor, lines: list[str]):
    supervisor.start(python("sleeper", "import time; time.sleep(99)"))
    first = supervisor.pids()["sleeper"]

    os.kill(first, signal.SIGKILL)
    wait_for(lambda: supervisor.pids().get("sleeper", first) != first)

    assert len(lines) == 1
    assert "sleeper was killed by SIGKILL" in lines[0]


def test_a_program_that_a_nameless_signal_killed_is_started_again(supervisor: Supervisor, lines: list[str]):
    supervisor.start(python("sleeper", "import time; time.sleep(99)"))
    first = supervisor.pids()["sleeper"]

    os.kill(first, signal.SIGRTMIN + 3)
    wait_for(lambda: supervisor.pids().get("sleeper", first) != first)

    assert f"sleeper was killed by signal {signal.SIGRTMIN + 3}" in lines[0]


@pytest.mark.parametrize(
    "fault", [BrokenPipeError("closed"), OSError(5, "Input/output error"), ValueError("closed file")]
)
def test_children_are_looked_after_also_when_nobody_can_be_told(tmp_path: Path, fault: Exception):
    def announce(_line: str) -> None:
        raise fault

    with Supervisor(tmp_path, announce) as supervisor:
        supervisor.start(python("sleeper", "import time; time.sleep(99)"))
        for _ in range(2):
            pid = supervisor.pids()["sleeper"]
            os.kill(pid, signal.SIGKILL)
            wait_for(lambda pid=pid: supervisor.pids().get("sleeper", pid) != pid)  # type: ignore[misc]  # bound now


def test_a_descriptor_that_a_program_inherits_is_the_same_after_its_death(supervisor: Supervisor, tmp_path: Path):
    with held_port(42_100) as listener:
        descriptor = listener.fileno()
        said = f"print(socket.socket(fileno={descriptor}).getsockname()[1], flush=True)"
        script = f"import socket, time; {said}; time.sleep(99)"
        supervisor.start(replace(python("heir", script), descriptors=(descriptor,)))
        log = tmp_path / "logs" / "heir.log"
        wait_for(lambda: log.read_text().count("\n") == 1)

        os.kill(supervisor.pids()["heir"], signal.SIGKILL)
        wait_for(lambda: log.read_text().count("\n") == 2)

        assert set(log.read_text().split()) == {str(listener.getsockname()[1])}


def test_a_program_that_keeps_dying_is_started_ever_more_slowly(supervisor: Supervisor, lines: list[str]):
    supervisor.start(python("broken", "raise SystemExit(3)"))

    wait_for(lambda: len(lines) == 3)

    waits = [float(line.split("again in ")[1].split(" s")[0]) for line in lines]
    assert waits == sorted(set(waits))
    assert "status 3" in lines[0]


@pytest.mark.parametrize("how", ["killed", "ended in good order by a signal"])
def test_a_program_that_somebody_keeps_ending_is_back_within_a_second_each_time(
    supervisor: Supervisor, lines: list[str], how: str
):
    polite = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(143)); "
    supervisor.start(python("sleeper", polite + "import time; time.sleep(99)"))

    for turn in range(1, 6):
        pid = supervisor.pids()["sleeper"]
        wait_for(lambda pid=pid: "sleep" in psutil.Process(pid).status())
        os.kill(pid, signal.SIGKILL if how == "killed" else signal.SIGTERM)
        wait_for(lambda pid=pid: supervisor.pids().get("sleeper", pid) != pid, 3)
        assert len(lines) == turn

    assert {line.split("again in ")[1].split(" s")[0] for line in lines} <= {"0.5", "1"}


def test_a_program_that_ends_by_a_signal_of_its_own_fault_has_failed(supervisor: Supervisor, lines: list[str]):
    supervisor.start(python("broken", "import os; os.abort()"))

    wait_for(lambda: len(lines) == 3)

    assert [line.split("again in ")[1].split(" s")[0] for line in lines] == ["0.5", "1", "2"]


def test_programs_are_looked_after_when_nobody_reads_what_is_said_of_them(tmp_path: Path):
    def left(_line: str) -> None:
        raise BrokenPipeError

    with Supervisor(tmp_path, left) as supervisor:
        supervisor.start(python("sleeper", "import time; time.sleep(99)"))
        for _ in range(2):
            pid = supervisor.pids()["sleeper"]
            os.kill(pid, signal.SIGKILL)
            wait_for(lambda pid=pid: supervisor.pids().get("sleeper", pid) != pid)


def test_a_killed_orphan_reaper_hides_nothing_that_went_wrong(tmp_path: Path, lines: list[str]):
    def fail() -> None:
        with Supervisor(tmp_path, lines.append) as supervisor:
            wait_for(lambda: bool(reapers()))
            reapers()[0].kill()
            supervisor.start(python("sleeper", "import time; time.sleep(99)"))
            raise ValueError("what mattered")

    with pytest.raises(ValueError, match="what mattered"):
        fail()


def reapers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "cofferdam.runtime.orphan_reaper" in child.cmdline()]


def test_what_a_program_prints_is_in_its_log(supervisor: Supervisor, tmp_path: Path):
    assert supervisor.run(python("once", "print('hello')")) == 0

    assert (tmp_path / "logs" / "once.log").read_text() == "hello\n"


def test_the_end_takes_the_programs_own_children_with_it(tmp_path: Path, lines: list[str]):
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(99)'])"
    with Supervisor(tmp_path, lines.append) as supervisor:
        supervisor.start(python("parent", script))
        parent = psutil.Process(supervisor.pids()["parent"])
        wait_for(lambda: bool(parent.children()))
        family = [parent, *parent.children()]

    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in family)


def test_a_program_that_will_not_end_is_killed_after_the_grace(tmp_path: Path, lines: list[str]):
    with Supervisor(tmp_path, lines.append, grace_seconds=0.3) as supervisor:
        supervisor.start(python("stubborn", STUBBORN))
        wait_for(lambda: "ready" in (tmp_path / "stubborn.log").read_text())
        pid = supervisor.pids()["stubborn"]

    assert not psutil.pid_exists(pid)


def test_in_a_hurry_nothing_is_waited_for(tmp_path: Path, lines: list[str]):
    with Supervisor(tmp_path, lines.append) as supervisor:
        supervisor.start(python("stubborn", STUBBORN))
        wait_for(lambda: "ready" in (tmp_path / "stubborn.log").read_text())
        supervisor.hurry()
        began = time.monotonic()

    assert time.monotonic() - began < 3


def test_when_the_supervisor_is_killed_no_child_and_no_grandchild_is_left(tmp_path: Path):
    script = f"""
import os, sys, time
from pathlib import Path
from cofferdam.runtime.processes import Program, Supervisor
child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(98.7)'])"
with Supervisor(Path({str(tmp_path)!r}), print) as supervisor:
    supervisor.start(Program("child", (sys.executable, "-c", child), dict(os.environ), Path({str(ROOT)!r})))
    print(supervisor.pids()["child"], flush=True)
    time.sleep(99)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        wait_for(lambda: bool(child.children()))
        family = [child, *child.children()]
        parent.kill()

    wait_for(lambda: not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in family))


def test_an_interrupt_in_the_middle_of_a_start_leaves_no_child(tmp_path: Path):
    script = f"""
import os, signal
from pathlib import Path
import psutil
from cofferdam.runtime.processes import Program, Supervisor

def interrupt(*_):
    raise KeyboardInterrupt

signal.signal(signal.SIGALRM, interrupt)
root, interrupted = Path({str(tmp_path)!r}), 0
for turn in range(30):
    try:
        with Supervisor(root, print) as supervisor:
            signal.setitimer(signal.ITIMER_REAL, 0.0005 * (turn + 1))
            for number in range(12):
                supervisor.start(Program(str(number), ("sleep", "97"), dict(os.environ), root))
            signal.setitimer(signal.ITIMER_REAL, 0)
    except KeyboardInterrupt:
        interrupted += 1
left = [p for p in psutil.Process().children(recursive=True) if p.status() != psutil.STATUS_ZOMBIE]
print("interrupted", interrupted, "left", len(left))
for process in left:
    process.kill()
"""
    outcome = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)

    words = outcome.stdout.split()
    assert int(words[1]) > 5, outcome
    assert int(words[3]) == 0, outcome
