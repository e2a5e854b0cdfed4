"""Passwords of the embedded server's logins; without one nobody can connect.

The superuser, used for migrations only, has a password of its own; the application's two logins share another, which
child processes receive like every secret. Both are random and stored in the home's secrets file. While they are
created, for a new home or after their loss, the superuser connects without one; only the owner of the data folder can.
"""

import os
import secrets
import time
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from cofferdam.runtime.cluster import PASSWORDS, Cluster, run
from cofferdam.runtime.secrets import keep_secret
from ledger.kernel.errors import Unavailable
from ledger.kernel.logins import SUPERUSER
from ledger.kernel.secret_files import read_secrets

CLOSED: Final = "# Written by cofferdam: whoever logs in has a password.\nlocal all all scram-sha-256\n"
"""The server's rules for connections once there are passwords."""

_OPEN: Final = f"# Passwords are being made.\nlocal all {SUPERUSER} trust\n"
_RELOAD_SECONDS: Final = 10
_LOOK_SECONDS: Final = 0.02


def require_passwords(cluster: Cluster) -> None:
    """Require a password for every connection to a running server.

    The passwords are stored once the server requires them: an interrupted call starts again. Raises `Unavailable`.
    """
    rules, names = cluster.pgdata / "pg_hba.conf", set(PASSWORDS.values())
    if rules.read_text() == CLOSED and read_secrets(cluster.secrets).keys() >= names:
        return
    made = {name: secrets.token_urlsafe(32) for name in names}
    _write(rules, _OPEN, cluster)
    _reload(cluster, lets_in=True)
    with psycopg.connect(cluster.address("postgres")) as connection:
        # More rounds do not protect 256 random bits any better: one is enough, and connecting stays fast.
        connection.execute("SET LOCAL scram_iterations = 1")
        for login, name in PASSWORDS.items():
            _let_log_in(connection, login, made[name])
    _write(rules, CLOSED, cluster)
    _reload(cluster, lets_in=False)
    for name, password in made.items():
        keep_secret(cluster.secrets, name, password)


def _let_log_in(connection: psycopg.Connection[tuple[object, ...]], login: str, password: str) -> None:
    """Set a login's password; a missing login is created, and gets its roles from a migration."""
    known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [login]).fetchone()
    verb = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}" if known is None else "ALTER ROLE {} PASSWORD {}")
    connection.execute(verb.format(sql.Identifier(login), sql.Literal(password)))


def _write(rules: Path, text: str, cluster: Cluster) -> None:
    """Replace the rules atomically by a file of the server's own user."""
    draft = rules.with_name("pg_hba.conf.draft")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123  # a descriptor
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if cluster.owner is not None:
        os.chown(draft, cluster.owner.pw_uid, cluster.owner.pw_gid)
    draft.replace(rules)


def _reload(cluster: Cluster, *, lets_in: bool) -> None:
    """Let the server reload its rules, and wait until they apply."""
    run(cluster, "pg_ctl", "reload", "-D", str(cluster.pgdata))
    deadline = time.monotonic() + _RELOAD_SECONDS
    while _lets_in(cluster) is not lets_in:
        if time.monotonic() > deadline:
            raise Unavailable(f"the embedded PostgreSQL does not follow {cluster.pgdata}/pg_hba.conf; see server.log")
        time.sleep(_LOOK_SECONDS)


def _lets_in(cluster: Cluster) -> bool:
    """Return whether the superuser can connect without a password."""
    try:
        psycopg.connect(cluster.address("postgres")).close()
    except psycopg.OperationalError:
        return False
    return True
