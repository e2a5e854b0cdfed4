"""The embedded PostgreSQL server: started by the first command that needs it, stopped by the last one that ends.

Two file locks count its users, so that a killed process leaves no stale count behind: `postgres.turn` is held while a
command starts or stops the server, `postgres.use` is shared by all commands that use it.
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
"""Seconds until the process of a started server must be visible."""
_SHARED_BUFFERS_MB_MAX: Final = 2048
_DATABASES: Final = ("cofferdam", "cofferdam_vault")
"""The ledger, and its subjects' keys in a database of their own, so that a dump of the ledger never contains them."""
_OPTIONS: Final = (
    "listen_addresses=",
    # Every posting changes a page of each account's index, and the first change after a checkpoint logs the whole page.
    "max_wal_size=8GB",
    "checkpoint_timeout=30min",
    "wal_compression=on",
    "synchronous_commit=on",
    "max_connections=200",  # each worker of the API has about fifty
    "idle_in_transaction_session_timeout=60s",
    # After a crash the data folder is synced at once instead of file by file: in one second instead of six.
    *(("recovery_init_sync_method=syncfs",) if sys.platform == "linux" else ()),
)


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Provide a migrated database while the block runs: the one in the settings, or else the embedded one.

    The embedded one is migrated by its superuser, and used by a login that is neither superuser nor owner.

    Raises `Unavailable` if no server answers.
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
    """Run the embedded server of a home during the block; yields the URL of its database `cofferdam`.

    It accepts connections when the block begins, whatever state it was in before. Raises `Unavailable` if it does not
    start.
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
    """Restart the server of a home if it was killed or hangs. Call it only inside `server` or `database`."""
    cluster = Cluster.of(home)
    if state(cluster) is not State.READY:
        with _turn(home):
            _bring_up(cluster)


def end(home: Path) -> bool:
    """Stop the server of a home; returns False if none ran. Raises `Unavailable` if another command still uses it."""
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
    """Bring the server to accept connections: a running one, or a new one, which recovers after a crash."""
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
    """Give PostgreSQL's cache an eighth of the memory, enough for the indexes that postings change."""
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
