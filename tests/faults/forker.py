"""A process that has everything imported, and forks stream workers: one costs a hundredth of a second, not three.

It is told in lines of JSON on its standard input what to start and whom to ask after, and ends with that input.
"""

import json
import logging
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import lake.delta.commits
import lake.delta.compaction
import lake.delta.maintenance
import pipelines.stream.faults
import pipelines.stream.maintenance
from lake.residency.zones import Zones
from ledger.kernel.settings import Settings
from ledger.tenancy.directory import Directory
from pipelines.stream.book_stream import BookStream
from pipelines.stream.worker import run
from tests import fork_server
from tests.faults.steps import Cut, Moment, arm, kill, kill_soon

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60
KILLED = (-signal.SIGKILL, -signal.SIGALRM)


class Order(NamedTuple):
    """What a worker is started with: its environment, where its words go, and what befalls it.

    `cut`: it is killed there; with `filler`, that file takes instead what room is left on the disk. `lockless`: it
    asks for no lock on a book. `jumping`: its clock jumps by days at each look.
    """

    environ: dict[str, str]
    log: str
    cut: Cut | None = None
    filler: str | None = None
    lockless: bool = False
    jumping: bool = False


class Forker:
    """The test's end."""

    def __init__(self) -> None:
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = fork_server.module_command("tests.faults.forker")
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=environ)

    def start(self, order: Order) -> int:
        """The process id of a new worker."""
        return int(self._asked({"start": order._asdict()}))

    def status(self, pid: int) -> int | None:
        """How a worker ended; None while it runs."""
        answer = self._asked({"status": pid})
        return None if answer is None else int(answer)

    def ended(self, pid: int) -> int:
        """How a worker ended that was killed, or is about to be."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (status := self.status(pid)) is None:
            if time.monotonic() > deadline:
                self.kill(pid)
                raise TimeoutError(f"worker {pid} still runs")
            time.sleep(0.02)
        return status

    def kill(self, pid: int) -> int:
        os.kill(pid, signal.SIGKILL)
        return self.ended(pid)

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE_SECONDS)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _asked(self, question: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


class Jumps:
    """A clock that is wrong by up to ten days, each time by others; it stands for all clocks of a machine."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._dice.randint(-864_000, 864_000))


def work(order: Order) -> None:
    """Be a stream worker, hasty in its upkeep, until somebody kills it."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", force=True)
    random.seed(os.getpid())
    be_hasty()
    if order.lockless:
        BookStream.open = BookStream._opened  # type: ignore[method-assign]  # noqa: SLF001  # for this process alone
    if order.jumping:
        lake.delta.commits.CommitLog.__init__.__kwdefaults__["clock"] = Jumps(os.getpid())
    if order.cut is not None:
        act = kill_soon if order.cut.moment is Moment.DURING else kill
        arm(order.cut, act if order.filler is None else filling(order.filler))
    settings = Settings.from_env(order.environ)
    assert settings.database_url is not None
    server = Directory(settings.database_url).servers()[0]
    run(server, Zones.of(settings), tick=0.005, stop=threading.Event())


def be_hasty() -> None:
    """What is due each hundred commits, or each hour, is due all the time; and nobody rests for long after a fault."""
    lake.delta.compaction.FAN = lake.delta.maintenance.FAN = 4  # type: ignore[misc]  # for this process alone
    pipelines.stream.faults._REST_SECONDS = (0.05, 0.5)  # type: ignore[misc]  # noqa: SLF001  # the same
    pipelines.stream.maintenance._LOOK_SECONDS = 0.05  # noqa: SLF001  # for this process alone
    pipelines.stream.maintenance.COMMITS_PER_COMPACTION = 8  # type: ignore[misc]  # the same
    pipelines.stream.maintenance.COMMITS_PER_CHECKPOINT = 5  # type: ignore[misc]  # the same
    pipelines.stream.maintenance._SECONDS_PER_VACUUM = 0.3  # noqa: SLF001  # the same


def filling(path: str) -> Callable[[], None]:
    """What fills the disk that a file lies on, to the last byte."""

    def fill() -> None:
        block = b"x" * 65_536
        with Path(path).open("ab", buffering=0) as file, suppress(OSError):
            while block:
                block = block[: file.write(block)]

    return fill


def forked(asked: dict[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        fields = {**asked, "cut": asked["cut"] and Cut(asked["cut"][0], Moment(asked["cut"][1]), asked["cut"][2])}
        try:
            log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(log, 1)
            os.dup2(log, 2)
            work(Order(**fields))
        except BaseException:
            logging.getLogger("worker").exception("the worker ended")
        finally:
            os._exit(1)
    return pid


def serve() -> None:
    """Answer each line; at the end, leave nobody behind."""
    running: set[int] = set()
    for line in iter(sys.stdin.readline, ""):
        question = json.loads(line)
        answer: int | None
        if "start" in question:
            answer = forked(question["start"])
            running.add(answer)
        else:
            pid, status = os.waitpid(question["status"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if pid else None
            running.discard(pid)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for pid in running:
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    serve()
