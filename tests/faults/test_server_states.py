"""In whatever state the embedded server is met, the next command works within fifteen seconds."""

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
import pytest

from cofferdam.runtime.cluster import Cluster, run
from cofferdam.runtime.embedded import end, revive, server
from cofferdam.runtime.postmaster import State, running, state
from ledger.kernel.errors import Unavailable

SECONDS_MAX = 15


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """One home for all states, outside pytest's own folders; what was committed in it is asked for after each."""
    with TemporaryDirectory(prefix="cofferdam-", ignore_cleanup_errors=True) as folder:
        with server(Path(folder)) as url:
            ask(url, "CREATE TABLE kept AS SELECT 1 AS number")
        yield Path(folder)
        end(Path(folder))


@contextmanager
def quick_enough() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < SECONDS_MAX


def postmaster(home: Path) -> psutil.Process:
    return psutil.Process(int((home / "postgres" / "postmaster.pid").read_text().split()[0]))


def left_behind(home: Path) -> psutil.Process:
    """A server whose users were all killed."""
    revive(home)
    return postmaster(home)


def family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children()]


def kill_backend(home: Path) -> None:
    with suppress(psycopg.OperationalError), psycopg.connect(Cluster.of(home).url("cofferdam")) as connection:
        os.kill(connection.info.backend_pid, signal.SIGKILL)
        connection.execute("SELECT 1")


def kill_all(home: Path) -> None:
    everybody = family(left_behind(home))
    for process in everybody:
        process.kill()
    psutil.wait_procs(everybody, 10)


def up(home: Path) -> None:
    left_behind(home)


def starting(home: Path) -> None:
    """Seen right after its start, in the middle of its recovery, by who did not start it."""
    kill_all(home)
    cluster = Cluster.of(home)
    options = f"-k '{cluster.socket_folder}' -c listen_addresses="
    run(cluster, "pg_ctl", "start", "-W", "-l", str(cluster.log), "-o", options, "-D", str(cluster.pgdata))


def recovering(home: Path) -> None:
    left_behind(home)
    kill_backend(home)


def asked_to_stop_while_recovering(home: Path) -> None:
    """PostgreSQL 18 then waits for ever."""
    process = left_behind(home)
    kill_backend(home)
    process.send_signal(signal.SIGINT)


def stopping_for_ever(home: Path) -> None:
    """Asked to stop when its clients have left, while one stays."""
    process = left_behind(home)
    client = psycopg.connect(Cluster.of(home).url("cofferdam"))
    process.send_signal(signal.SIGTERM)
    while state(Cluster.of(home)) is State.READY:
        time.sleep(0.05)
    threading.Timer(SECONDS_MAX * 2, client.close).start()


def stopped_by_a_signal(home: Path) -> None:
    left_behind(home).suspend()


def stopped_with_all_its_processes(home: Path) -> None:
    for process in family(left_behind(home)):
        process.suspend()


def down_with_a_stale_pid(home: Path) -> None:
    """Its shared memory and its socket are left as well."""
    kill_all(home)


def killed_while_a_backend_hangs(home: Path) -> None:
    """A stopped backend outlives its postmaster, and keeps the shared memory."""
    process = left_behind(home)
    with suppress(psycopg.OperationalError), psycopg.connect(Cluster.of(home).url("cofferdam")) as connection:
        psutil.Process(connection.info.backend_pid).suspend()
        process.kill()
        connection.close()


def pid_of_a_stranger(home: Path) -> None:
    kill_all(home)
    _mark(home, str(os.getppid()))


def pid_of_another_server(home: Path) -> None:
    """Of the same user as ours, which PostgreSQL takes for its own postmaster."""
    kill_all(home)
    owner = Cluster.of(home).owner
    sleeper = subprocess.Popen(["sleep", "20"], user=None if owner is None else owner.pw_uid)
    threading.Timer(SECONDS_MAX, lambda: (sleeper.kill(), sleeper.wait())).start()
    _mark(home, str(sleeper.pid))


def pid_of_a_zombie(home: Path) -> None:
    """Where nobody takes leave of the dead, as in a container without an init."""
    kill_all(home)
    owner = Cluster.of(home).owner
    dead = subprocess.Popen(["true"], user=None if owner is None else owner.pw_uid)
    threading.Timer(SECONDS_MAX, dead.wait).start()
    _mark(home, str(dead.pid))


def pid_file_empty(home: Path) -> None:
    """As a full disk leaves it."""
    kill_all(home)
    _mark(home, "")


def pid_file_of_noise(home: Path) -> None:
    kill_all(home)
    _mark(home, "no number\x00\xff")


def pid_file_removed(home: Path) -> None:
    left_behind(home)
    (home / "postgres" / "postmaster.pid").unlink()


def socket_removed(home: Path) -> None:
    """As a cleaner of old temporary files does."""
    left_behind(home)
    for mark in Cluster.of(home).marks[1:]:
        mark.unlink()


def _mark(home: Path, number: str) -> None:
    """What PostgreSQL would read as the number of its postmaster, in both of its files."""
    for mark in Cluster.of(home).marks:
        mark.unlink(missing_ok=True)
    for mark in (Cluster.of(home).marks[0], Cluster.of(home).marks[2]):
        mark.write_text(number and f"{number}\n{home}/postgres\n1\n5432\n{home}/postgres\n\n\nready\n")


@pytest.mark.parametrize(
    "meet",
    [
        up,
        starting,
        recovering,
        asked_to_stop_while_recovering,
        stopping_for_ever,
        stopped_by_a_signal,
        stopped_with_all_its_processes,
        down_with_a_stale_pid,
        killed_while_a_backend_hangs,
        pid_of_a_stranger,
        pid_of_another_server,
        pid_of_a_zombie,
        pid_file_empty,
        pid_file_of_noise,
        pid_file_removed,
        socket_removed,
    ],
    ids=lambda meet: str(meet.__name__),
)
def test_in_whatever_state_a_server_is_met_the_next_command_works(home: Path, meet: Callable[[Path], None]):
    meet(home)

    with quick_enough(), server(home) as url:
        assert ask(url, "SELECT number FROM kept") == (1,)
    assert not running(Cluster.of(home))


@pytest.mark.parametrize("name", ["checkpointer", "walwriter", "all"])
def test_a_server_that_hangs_is_left_in_bounded_time(home: Path, name: str):
    with quick_enough(), server(home):
        everybody = family(postmaster(home))
        for process in everybody if name == "all" else [p for p in everybody if name in " ".join(p.cmdline())]:
            process.suspend()

    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in everybody)


def test_who_leaves_a_recovering_server_is_told_what_went_wrong_and_not_how_the_server_was_stopped(home: Path):
    with quick_enough(), pytest.raises(ValueError, match=r"^what mattered$"), server(home):  # noqa: PT012  # what happens before belongs to it
        kill_backend(home)
        raise ValueError("what mattered")

    assert not running(Cluster.of(home))


def test_a_failure_to_stop_the_server_never_hides_what_went_wrong(home: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(_cluster: Cluster) -> None:
        raise Unavailable("it does not stop")

    monkeypatch.setattr("cofferdam.runtime.embedded.stop", fail)

    with pytest.raises(ValueError, match="what mattered") as fault, server(home):
        raise ValueError("what mattered")

    assert "it does not stop" in fault.value.__notes__[0]


def test_a_full_disk_is_named_and_once_there_is_room_the_next_command_works(tmp_path: Path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300m", "tmpfs", disk], check=False).returncode:
        pytest.skip("only root can mount a disk to fill")
    try:
        with server(disk / "home") as url:
            ask(url, "CREATE TABLE kept AS SELECT 1 AS number")

        fill(disk, but=24 << 20)
        with quick_enough(), pytest.raises(psycopg.Error), server(disk / "home") as url:  # it may fail where it leaves
            ask(url, "CREATE TABLE large AS SELECT repeat(md5(i::text), 30) FROM generate_series(1, 100000) i")
        fill(disk)
        with quick_enough(), pytest.raises(Unavailable, match="No space left"), server(disk / "home"):
            pass
        for filler in disk.glob("filler*"):
            filler.unlink()

        with quick_enough(), server(disk / "home") as url:
            assert ask(url, "SELECT number FROM kept") == (1,)
    finally:
        end(disk / "home")
        subprocess.run(["umount", "-l", disk], check=True)


def ask(url: str, statement: str) -> object:
    with psycopg.connect(url) as connection:
        answer = connection.execute(statement)
        return answer.fetchone() if answer.description else None


def fill(disk: Path, but: int = 0) -> None:
    """Leave no more room than that."""
    with (disk / f"filler-{but}").open("wb", buffering=0) as filler, suppress(OSError):
        while shutil.disk_usage(disk).free > but:
            filler.write(bytes(1 << 16 if but else 1 << 12))
