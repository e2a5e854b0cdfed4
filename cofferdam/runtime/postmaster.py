"""The postmaster: finds PostgreSQL's first process in whatever state it is, and brings it to one of two.

Either it takes connections, or it is gone with all its processes and marks. It is asked first, then told, then killed;
each step has its bound, and a step is given up early where nothing moves any more.
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
"""How long a connection may take: the least that PostgreSQL's client knows."""
_STILL_SECONDS: Final = 3
"""How long a server may do nothing at all before it counts as hung."""
_SETTLE_SECONDS_MAX: Final = 8
"""How long a server may leave connections unanswered, or be stopping, however busy it is."""
_FAST_SECONDS_MAX: Final = 60
"""How long a shutdown may take that writes out what is in memory; recovery would have to read it again."""
_IMMEDIATE_SECONDS: Final = 3
_KILL_SECONDS: Final = 5
_STATUS_LINE: Final = 8
"""Where the pid file says how far the server has come; the line is written late in its start."""
_LOOK_SECONDS: Final = 0.1


class State(Enum):
    """What a server is met as."""

    READY = "takes connections"
    RECOVERING = "is starting, or recovering from a crash"
    STOPPING = "is stopping"
    SILENT = "does not answer"
    GONE = "is not running"


def state(cluster: Cluster) -> State:
    """Ask the server itself how it is, within two seconds."""
    if _postmaster(cluster) is None:
        return State.GONE
    try:
        psycopg.connect(cluster.url("postgres"), connect_timeout=_ANSWER_SECONDS).close()
    except psycopg.OperationalError as fault:
        return _told(str(fault))
    return State.READY


def running(cluster: Cluster) -> bool:
    """Say whether a postmaster of this cluster lives, in whatever state."""
    return _postmaster(cluster) is not None


def settle(cluster: Cluster) -> State:
    """Bring whatever is met to `READY` or to `GONE`. A recovery is waited for while it moves; what hangs is ended.

    Raises `Unavailable` where a process cannot even be killed.
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
    """End the server, however it is: politely where it takes connections, at once where it does not, else by kill.

    PostgreSQL 18 hangs when it is asked politely while it recovers from a crash. Raises `Unavailable` where a process
    cannot even be killed.
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
    """Lasts while something moves: processor time, waking up, waits for the disk."""

    def __init__(self) -> None:
        self._signs: dict[int, object] = {}
        self._moved = time.monotonic()

    def lasts(self, watched: Sequence[psutil.Process], *, by_waking: bool = False) -> bool:
        """Look at these processes; what appears only now does not count, for whoever knocks makes one appear."""
        signs = {process.pid: _sign(process, by_waking=by_waking) for process in watched}
        before = self._signs
        if any(sign == psutil.STATUS_DISK_SLEEP or before.get(pid, sign) != sign for pid, sign in signs.items()):
            self._moved = time.monotonic()
        self._signs = signs
        return time.monotonic() - self._moved < _STILL_SECONDS


def _sign(process: psutil.Process, *, by_waking: bool) -> object:
    """What changes when a process works, or when it so much as wakes; or that it waits for the disk."""
    with suppress(psutil.Error):
        if process.status() == psutil.STATUS_DISK_SLEEP:
            return psutil.STATUS_DISK_SLEEP
        times, switches = process.cpu_times(), tuple(process.num_ctx_switches()) if by_waking else ()
        return times.user, times.system, switches
    return None


def _told(fault: str) -> State:
    """Read a refused connection: the server's own words are English, since its cluster has the locale C."""
    if "shutting down" in fault:
        return State.STOPPING
    if any(words in fault for words in ("starting up", "in recovery mode", "not yet accepting connections")):
        return State.RECOVERING
    # It refuses this caller, or asks for a password that the home has lost: so it answers.
    return State.READY if "FATAL" in fault or "no password supplied" in fault else State.SILENT


def _is_up(cluster: Cluster) -> bool:
    """Say whether the server has come so far that it once took connections: before, it may take its time."""
    with suppress(FileNotFoundError):
        lines = (cluster.pgdata / "postmaster.pid").read_text(errors="replace").splitlines()
        return len(lines) >= _STATUS_LINE and lines[_STATUS_LINE - 1].strip() != "starting"
    return True


def _postmaster(cluster: Cluster) -> psutil.Process | None:
    """The process that the pid file names, where it lives and is this cluster's."""
    try:
        pid = int((cluster.pgdata / "postmaster.pid").read_text(errors="replace").split("\n", 1)[0])
        process = psutil.Process(pid)
        return process if str(cluster.pgdata) in process.cmdline() and _lives(process) else None
    except (FileNotFoundError, ValueError, OverflowError, psutil.Error):
        return None


def _family(cluster: Cluster) -> list[psutil.Process]:
    """Every living process of the server, its postmaster first; orphans of a killed one too, which hold its memory.

    PostgreSQL's processes work in the data folder, so that no list of them needs to be kept.
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
    """Let processes go on that somebody has stopped: nothing is lost by it."""
    for process in family:
        with suppress(psutil.Error):
            if process.status() == psutil.STATUS_STOPPED:
                process.resume()


def _signal_postmaster(cluster: Cluster, number: signal.Signals) -> None:
    if (postmaster := _postmaster(cluster)) is not None:
        with suppress(psutil.NoSuchProcess):
            postmaster.send_signal(number)


def _await_end(cluster: Cluster, seconds: float) -> None:
    """Wait until the server is gone, for so long at most, and only while something moves."""
    deadline, patience = time.monotonic() + seconds, _Patience()
    while family := _family(cluster):
        if time.monotonic() > deadline or not patience.lasts(family):
            return
        time.sleep(_LOOK_SECONDS)


def _kill(cluster: Cluster) -> None:
    """Kill what is left, and remove the marks by which PostgreSQL would take a stranger for its postmaster."""
    deadline = time.monotonic() + _KILL_SECONDS
    while family := _family(cluster):
        if time.monotonic() > deadline:
            raise Unavailable(
                f"process {family[0].pid} of the embedded PostgreSQL under {cluster.pgdata} cannot be killed: "
                "it waits for the machine, such as for a disk that does not answer; mend that, or restart the machine"
            )
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        time.sleep(_LOOK_SECONDS)
    for mark in cluster.marks:
        mark.unlink(missing_ok=True)
