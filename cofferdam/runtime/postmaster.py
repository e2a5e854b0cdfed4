"""The postmaster: finds PostgreSQL's first process in any state, and brings it to one of two states.

Either it accepts connections, or it has ended with all its processes and left no lock files. It is stopped by a fast
shutdown, then by an immediate one, then by SIGKILL; each step has a time limit, and ends early without any progress.
"""

import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from enum import Enum
from typing import Final

import psutil
import psycopg

from cofferdam.runtime.cluster import Cluster
from ledger.kernel.errors import Unavailable

_ANSWER_SECONDS: Final = 2
"""Time limit of a connection, the shortest that PostgreSQL's client supports."""
_STILL_SECONDS: Final = 3
"""Time without any progress after which a server counts as hung."""
_SETTLE_SECONDS_MAX: Final = 8
"""Time limit for a server that does not answer or is stopping, however busy it is."""
_FAST_SECONDS_MAX: Final = 60
"""Time limit of a fast shutdown, which flushes memory to disk and so saves a recovery."""
_IMMEDIATE_SECONDS: Final = 3
_KILL_SECONDS: Final = 5
_STATUS_LINE: Final = 8
"""The line of the pid file with the server's status, which is written late in its start."""
_LOOK_SECONDS: Final = 0.1


class State(Enum):
    """The states of a server."""

    READY = "takes connections"
    RECOVERING = "is starting, or recovering from a crash"
    STOPPING = "is stopping"
    SILENT = "does not answer"
    GONE = "is not running"


def state(cluster: Cluster) -> State:
    """Find the server's state by connecting to it, within two seconds."""
    if _postmaster(cluster) is None:
        return State.GONE
    try:
        psycopg.connect(cluster.url("postgres"), connect_timeout=_ANSWER_SECONDS).close()
    except psycopg.OperationalError as fault:
        return _told(str(fault))
    return State.READY


def running(cluster: Cluster) -> bool:
    """Return whether a postmaster of this cluster lives, in any state."""
    return _postmaster(cluster) is not None


def settle(cluster: Cluster) -> State:
    """Bring the server to `READY` or to `GONE`: wait for a recovery while it makes progress, and end a hung server.

    Raises `Unavailable` if a process cannot even be killed.
    """
    began, patience = time.monotonic(), _Patience()
    while (met := state(cluster)) in (State.RECOVERING, State.STOPPING, State.SILENT):
        family, is_silent = _family(cluster), met is State.SILENT
        _resume(family)
        watched = family[:1] if is_silent else family[1:]
        too_long = time.monotonic() - began > _SETTLE_SECONDS_MAX and met is not State.RECOVERING and _is_up(cluster)
        if too_long or not patience.lasts(watched, by_waking=is_silent):
            _signal_postmaster(cluster, signal.SIGQUIT)
            _await_end(cluster, _IMMEDIATE_SECONDS)
            break
        time.sleep(_LOOK_SECONDS)
    if met is not State.READY:
        _kill(cluster)
        return State.GONE
    return met


def stop(cluster: Cluster) -> None:
    """Stop the server: by a fast shutdown if it accepts connections, else by an immediate one, at last by SIGKILL.

    PostgreSQL 18 hangs after a fast shutdown during crash recovery. Raises `Unavailable` if a process cannot even be
    killed.
    """
    _resume(_family(cluster))
    if state(cluster) is State.READY:
        _signal_postmaster(cluster, signal.SIGINT)
        _await_end(cluster, _FAST_SECONDS_MAX)
    if running(cluster):
        _signal_postmaster(cluster, signal.SIGQUIT)
        _await_end(cluster, _IMMEDIATE_SECONDS)
    _kill(cluster)


class _Patience:
    """A wait that lasts while processes make progress: processor time, context switches, waits for the disk."""

    def __init__(self) -> None:
        self._signs: dict[int, object] = {}
        self._moved = time.monotonic()

    def lasts(self, watched: Sequence[psutil.Process], *, by_waking: bool = False) -> bool:
        """Check these processes for progress; new ones do not count, because each connection attempt starts one."""
        signs = {process.pid: _sign(process, by_waking=by_waking) for process in watched}
        before = self._signs
        if any(sign == psutil.STATUS_DISK_SLEEP or before.get(pid, sign) != sign for pid, sign in signs.items()):
            self._moved = time.monotonic()
        self._signs = signs
        return time.monotonic() - self._moved < _STILL_SECONDS


def _sign(process: psutil.Process, *, by_waking: bool) -> object:
    """Return values that change while a process works, or wakes up; or the status of a wait for the disk."""
    with suppress(psutil.Error):
        if process.status() == psutil.STATUS_DISK_SLEEP:
            return psutil.STATUS_DISK_SLEEP
        times, switches = process.cpu_times(), tuple(process.num_ctx_switches()) if by_waking else ()
        return times.user, times.system, switches
    return None


def _told(fault: str) -> State:
    """Interpret the error of a connection: the server's messages are English, because its cluster has the locale C."""
    if "shutting down" in fault:
        return State.STOPPING
    if any(words in fault for words in ("starting up", "in recovery mode", "not yet accepting connections")):
        return State.RECOVERING
    # It refuses this caller, or requires a password that the home has lost: in both cases it answers.
    return State.READY if "FATAL" in fault or "no password supplied" in fault else State.SILENT


def _is_up(cluster: Cluster) -> bool:
    """Return whether the server has finished its start, for which there is no time limit."""
    with suppress(FileNotFoundError):
        lines = (cluster.pgdata / "postmaster.pid").read_text(errors="replace").splitlines()
        return len(lines) >= _STATUS_LINE and lines[_STATUS_LINE - 1].strip() != "starting"
    return True


def _postmaster(cluster: Cluster) -> psutil.Process | None:
    """Return the process of the pid file if it lives and belongs to this cluster."""
    try:
        pid = int((cluster.pgdata / "postmaster.pid").read_text(errors="replace").split("\n", 1)[0])
        process = psutil.Process(pid)
        return process if str(cluster.pgdata) in process.cmdline() and _lives(process) else None
    except (FileNotFoundError, ValueError, OverflowError, psutil.Error):
        return None


def _family(cluster: Cluster) -> list[psutil.Process]:
    """Find all living processes of the server, the postmaster first, with orphans that still hold its shared memory.

    All of PostgreSQL's processes have the data folder as their working folder.
    """
    first = _postmaster(cluster)
    family = [process for process in psutil.process_iter() if process != first and _works_in(process, cluster)]
    return family if first is None else [first, *family]


def _works_in(process: psutil.Process, cluster: Cluster) -> bool:
    with suppress(psutil.Error):
        return process.name().startswith("postgres") and process.cwd() == str(cluster.pgdata) and _lives(process)
    return False


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(process.is_running()) and process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    return False


def _resume(family: Sequence[psutil.Process]) -> None:
    """Resume processes that were stopped by a signal; this is always safe."""
    for process in family:
        with suppress(psutil.Error):
            if process.status() == psutil.STATUS_STOPPED:
                process.resume()


def _signal_postmaster(cluster: Cluster, number: signal.Signals) -> None:
    if (postmaster := _postmaster(cluster)) is not None:
        with suppress(psutil.NoSuchProcess):
            postmaster.send_signal(number)


def _await_end(cluster: Cluster, seconds: float) -> None:
    """Wait until the server has ended, up to a time limit, and only while it makes progress."""
    deadline, patience = time.monotonic() + seconds, _Patience()
    while family := _family(cluster):
        if time.monotonic() > deadline or not patience.lasts(family):
            return
        time.sleep(_LOOK_SECONDS)


def _kill(cluster: Cluster) -> None:
    """Kill the remaining processes, and remove the lock files: their process id may belong to another program later."""
    deadline = time.monotonic() + _KILL_SECONDS
    while family := _family(cluster):
        if time.monotonic() > deadline:
            raise Unavailable(
                f"process {family[0].pid} of the embedded PostgreSQL under {cluster.pgdata} cannot be killed: "
                "it waits for the system, such as for a disk that does not answer; repair that, or restart the machine"
            )
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        time.sleep(_LOOK_SECONDS)
    for mark in cluster.marks:
        mark.unlink(missing_ok=True)
