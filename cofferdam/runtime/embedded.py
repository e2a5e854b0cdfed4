"""The embedded PostgreSQL server: started by whoever needs it first, stopped by whoever leaves it last.

Two locks of the operating system say who uses it, so that a killed process leaves no stale count behind: the turn is
held while somebody starts or stops the server, the use is shared by everybody who is connected.
"""

import fcntl
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import psycopg

from cofferdam.runtime import access
from cofferdam.runtime.cleanup import afterwards
from cofferdam.runtime.cluster import Cluster, initialise, last_fault, prepare_socket, run
from cofferdam.runtime.memory import memory_bytes
from cofferdam.runtime.passwords import require_passwords
from cofferdam.runtime.postmaster import State, running, settle, state, stop
from ledger.kernel.errors import Unavailable
from ledger.kernel.logins import APP_LOGIN
from ledger.kernel.settings import Settings
from ledger.migrations.upgrade import upgrade

_APPEAR_SECONDS: Final = 2
"""How long a server that was started may take until its process is seen."""
_SHARED_BUFFERS_MB_MAX: Final = 2048
_DATABASES: Final = ("cofferdam", "cofferdam_vault")
"""The ledger, and the keys of its subjects, which no dump of the ledger is to hold."""
_OPTIONS: Final = (
    "listen_addresses=",
    # Every posting touches a page of each account's index: checkpoints that are far apart write few of them whole.
    "max_wal_size=8GB",
    "checkpoint_timeout=30min",
    "wal_compression=on",
    "synchronous_commit=on",
    "max_connections=100",
    "idle_in_transaction_session_timeout=60s",
    # After a crash the data folder goes to the disk at once, and not file by file: a second in place of six.
    *(("recovery_init_sync_method=syncfs",) if sys.platform == "linux" else ()),
)


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Hold a migrated database while the block runs: the one of the settings, or else the embedded one.

    The embedded one is migrated by its superuser, and used by a login that is neither superuser nor owner.

    Raises `Unavailable` when no server answers.
    """
    if settings.database_url is not None:
        access.close(settings.home)
        _require_answer(settings.database_url)
        upgrade(settings.database_url)
        yield settings.database_url
        return
    with server(settings.home):
        cluster = Cluster.seen(settings.home)
        for name in _DATABASES:
            upgrade(cluster.url(name), logins=True)
        yield cluster.url("cofferdam", APP_LOGIN)


@contextmanager
def server(home: Path) -> Iterator[str]:
    """Hold the embedded server of a home while the block runs; yields the URL of its database `cofferdam`.

    In whatever state the server is met, it takes connections when the block begins. Raises `Unavailable` when it does
    not start.
    """
    cluster = Cluster.of(home)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / "postgres.use").open("a") as use:
        with _turn(home):
            initialise(cluster)
            _bring_up(cluster)
            require_passwords(cluster)
            _create_databases(cluster)
            fcntl.flock(use, fcntl.LOCK_SH)
        with afterwards(lambda: _leave(home, cluster, use)):
            yield cluster.url("cofferdam")


def revive(home: Path) -> None:
    """Bring the server of a home up again where it was killed or hangs. Only who holds it may ask."""
    cluster = Cluster.of(home)
    if state(cluster) is not State.READY:
        with _turn(home):
            _bring_up(cluster)


def end(home: Path) -> bool:
    """Stop the server of a home; say whether one ran. Raises `Unavailable` where another command still uses it."""
    if not running(Cluster.seen(home)):
        return False
    cluster = Cluster.of(home)
    with (home / "postgres.use").open("a") as use, _turn(home):
        if not _is_last(use):
            raise Unavailable(f"another command still uses the server of {home}; the last one that ends stops it")
        stop(cluster)
    return True


@contextmanager
def _turn(home: Path) -> Iterator[None]:
    with (home / "postgres.turn").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def _leave(home: Path, cluster: Cluster, use: IO[str]) -> None:
    with _turn(home):
        fcntl.flock(use, fcntl.LOCK_UN)
        if _is_last(use) and running(cluster):
            stop(cluster)


def _is_last(use: IO[str]) -> bool:
    try:
        fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _bring_up(cluster: Cluster) -> None:
    """Let the server take connections: the one that is met, or a new one, which repairs itself after a crash."""
    if settle(cluster) is State.READY:
        return
    prepare_socket(cluster)
    said_before = cluster.log.stat().st_size if cluster.log.exists() else 0
    options = " ".join(
        ["-k", shlex.quote(str(cluster.socket_folder)), *(f"-c {option}" for option in (*_OPTIONS, _memory()))]
    )
    run(cluster, "pg_ctl", "start", "-W", "-l", str(cluster.log), "-o", options, "-D", str(cluster.pgdata))
    deadline = time.monotonic() + _APPEAR_SECONDS
    while not running(cluster) and time.monotonic() < deadline:
        time.sleep(0.02)
    if settle(cluster) is not State.READY:
        with cluster.log.open(errors="replace") as log:
            log.seek(said_before)
            raise Unavailable(f"the embedded PostgreSQL does not start: {last_fault(cluster, log.read())}")


def _memory() -> str:
    """An eighth of the memory for PostgreSQL's own cache, in which the indexes that postings touch fit."""
    megabytes = memory_bytes() // (8 << 20)
    return f"shared_buffers={max(1, min(megabytes, _SHARED_BUFFERS_MB_MAX))}MB"


def _create_databases(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        there = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
        for name in _DATABASES:
            if name not in there:
                connection.execute(f"CREATE DATABASE {name}")


def _require_answer(url: str) -> None:
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.OperationalError as fault:
        reason = str(fault).strip().split("\n", 1)[0]
        raise Unavailable(f"no PostgreSQL server answers at COFFERDAM_DATABASE_URL: {reason}") from fault
