"""The supervisor: starts child processes, starts dead ones again, and ends them all."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from cofferdam.runtime.log_files import keep_bounded, opened_log
from cofferdam.runtime.orphan_reaper import group_lives, signal_groups

GRACE_SECONDS: Final = 10
"""Seconds that a child gets to end by itself before it is killed."""
BACKOFF_SECONDS: Final = (0.5, 1, 2, 5, 10, 30)
"""Seconds until the next start of a child that failed by itself, after each failure in turn; the last one repeats."""
KILLED_SECONDS: Final = (0.5, 1)
"""Seconds until the next start of a child that was killed from outside: usually, and if it had just started."""
_FROM_OUTSIDE: Final = frozenset({signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT})
"""Signals from outside; a program that fails by itself ends by others, such as SIGSEGV or SIGABRT."""
_SHELL_OFFSET: Final = 128
"""The offset of a signal's number in the exit status of a program that handled the signal and ended."""
STEADY_SECONDS: Final = 60
"""The uptime after which a child's failures are counted from one again."""
_RETRY_SECONDS: Final = 5
"""Seconds until the next attempt if the system could not even start a child, for example on a full disk."""
_LOOK_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Program:
    """A program to keep running: its name in the logs, its command, its environment, its working folder.

    `descriptors` are the file descriptors that it inherits beside its standard streams, under the same numbers.
    """

    name: str
    command: Sequence[str]
    environ: dict[str, str]
    folder: Path
    descriptors: tuple[int, ...] = ()


@dataclass(slots=True)
class _Child:
    program: Program
    process: subprocess.Popen[bytes]
    started: float
    failures: int = 0
    due: float | None = field(default=None)


class Supervisor:
    """Keeps programs running while the block runs; use it as a context manager.

    `announce` receives one line for each child that ends. Every child leads a process group of its own, so that the
    terminal's Ctrl-C reaches only this process, and so that a child's own children end with it.
    """

    def __init__(self, logs: Path, announce: Callable[[str], None], *, grace_seconds: float = GRACE_SECONDS) -> None:
        self._logs, self._tell, self._grace_seconds = logs, announce, grace_seconds
        self._children: dict[str, _Child] = {}
        self._live: dict[int, subprocess.Popen[bytes]] = {}
        self._lock = threading.RLock()
        # Signals interrupt the main thread only, so a child that another thread forks is always recorded.
        self._forks = ThreadPoolExecutor(1, thread_name_prefix="forks")
        self._ending, self._hurry = threading.Event(), threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    def __enter__(self) -> Self:
        self._logs.mkdir(parents=True, exist_ok=True)
        self._orphan_reaper = subprocess.Popen(
            [sys.executable, "-I", "-m", "cofferdam.runtime.orphan_reaper"],
            env={},  # it needs no variable of ours, and some are secrets
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
            cwd=Path(__file__).parents[2],
        )
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stop()
        except Exception as failure:
            if fault is None:
                raise
            fault.add_note(f"and then the clean-up failed: {failure}")

    def start(self, program: Program) -> None:
        """Start a program and keep it running; its output goes to `<logs>/<name>.log`."""
        process = self._forks.submit(self._spawn, program).result()
        with self._lock:
            self._children[program.name] = _Child(program, process, time.monotonic())

    def run(self, program: Program) -> int:
        """Run a program once, and return its exit status; if the call is interrupted, the program is ended."""
        process = self._forks.submit(self._spawn, program).result()
        try:
            return process.wait()
        finally:
            self._end([process])

    def pids(self) -> dict[str, int]:
        """Return the process id of each running program by its name."""
        with self._lock:
            return {name: child.process.pid for name, child in self._children.items() if child.process.poll() is None}

    def hurry(self) -> None:
        """Kill the remaining children at once, after a second Ctrl-C."""
        self._hurry.set()

    def stop(self) -> None:
        """End all children: by SIGTERM at the same time, and by SIGKILL after the grace period."""
        self._ending.set()
        self._forks.shutdown()
        self._watcher.join()
        with self._lock:
            live = list(self._live.values())
            self._children.clear()
        self._end(live)
        assert self._orphan_reaper.stdin is not None
        with suppress(BrokenPipeError):  # the reaper was killed, and all its groups have ended already
            self._orphan_reaper.stdin.close()
        self._orphan_reaper.wait()

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        """Fork and record the child; never called by the main thread."""
        with self._lock, opened_log(self._log(program.name)) as log:
            if self._ending.is_set():  # it was queued before `stop` was called
                raise InterruptedError(f"{program.name} does not start: the supervisor is stopping")
            process = subprocess.Popen(
                program.command,
                env=program.environ,
                cwd=program.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=program.descriptors,
            )
            self._live[process.pid] = process
            self._tell_orphan_reaper(f"+{process.pid}")
        return process

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def _tell_orphan_reaper(self, line: str) -> None:
        assert self._orphan_reaper.stdin is not None
        # Without a reaper the children still run and restart; only a kill of this process would leave them behind.
        with self._lock, suppress(BrokenPipeError):
            self._orphan_reaper.stdin.write(f"{line}\n")
            self._orphan_reaper.stdin.flush()

    def _watch(self) -> None:
        while not self._ending.wait(_LOOK_SECONDS):
            with self._lock:
                for child in self._children.values():
                    self._look_after(child)
                    with suppress(OSError):  # such as a full disk; the next round checks the file again
                        keep_bounded(self._log(child.program.name))

    def _look_after(self, child: _Child) -> None:
        now, status = time.monotonic(), child.process.poll()
        if status is None or self._ending.is_set():
            return
        if child.due is None:
            self._bury(child, status, now)
        elif now >= child.due:
            self._revive(child, now)

    def _revive(self, child: _Child, now: float) -> None:
        try:
            child.process, child.started, child.due = self._spawn(child.program), now, None
        except OSError as fault:  # such as a full disk; try again later
            child.due = now + _RETRY_SECONDS
            self._say(f"{child.program.name} cannot start: {fault}; trying again in {_RETRY_SECONDS} s")

    def _say(self, line: str) -> None:
        """Announce a line, and keep supervising if it cannot be printed, for example on a closed terminal."""
        with suppress(OSError, ValueError, SystemExit):
            self._announce(line)

    def _bury(self, child: _Child, status: int, now: float) -> None:
        """Record a child's end, kill the rest of its group, and announce its restart.

        The waits grow only for a child that fails by itself; one that was killed from outside is not counted.
        """
        lived = now - child.started
        if _was_killed(status):
            wait = KILLED_SECONDS[lived < KILLED_SECONDS[-1]]
        else:
            child.failures = 1 if lived > STEADY_SECONDS else child.failures + 1
            wait = BACKOFF_SECONDS[min(child.failures, len(BACKOFF_SECONDS)) - 1]
        child.due = now + wait
        signal_groups([child.process.pid], signal.SIGKILL)
        self._forget(child.process.pid)
        log = self._log(child.program.name)
        self._say(f"{child.program.name} {_manner(status)}; it starts again in {wait:g} s (see {log})")

    def _end(self, processes: Sequence[subprocess.Popen[bytes]]) -> None:
        groups = {process.pid for process in processes}
        signal_groups(groups, signal.SIGTERM)
        deadline = time.monotonic() + self._grace_seconds
        while time.monotonic() < deadline and not self._hurry.is_set():
            for process in processes:
                process.poll()
            if not any(group_lives(group) for group in groups):
                break
            time.sleep(0.02)
        signal_groups(groups, signal.SIGKILL)
        for process in processes:
            process.wait()
            self._forget(process.pid)

    def _announce(self, line: str) -> None:
        """Print a line if anybody reads: a reader that has left must not end the supervisor."""
        with suppress(OSError, SystemExit):  # rich exits if its reader has left
            self._tell(line)

    def _forget(self, pid: int) -> None:
        with self._lock:
            self._live.pop(pid, None)
            self._tell_orphan_reaper(f"-{pid}")


def _was_killed(status: int) -> bool:
    """Return whether a signal from outside ended a child, at once or after the child handled it."""
    return -status in _FROM_OUTSIDE or status - _SHELL_OFFSET in _FROM_OUTSIDE


def _manner(status: int) -> str:
    """Describe an exit status; a signal without a name, such as a real-time one, is shown as its number."""
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"was killed by signal {-status}"
