"""Passwords: what the logins of the embedded server prove themselves by; without one nobody is let in.

The superuser, who only migrates, has one of its own; the application's two logins share another, which children are
handed like every secret. Both are random and kept in the home's file of secrets. A home that has none yet, or has lost
them, lets its superuser in without one while they are made: whoever can do that owns the data folder.
"""

import os
import secrets
import time
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from cofferdam.runtime.cluster import PASSWORDS, Cluster, run
from cofferdam.runtime.home import keep_secret
from ledger.kernel.errors import Unavailable
from ledger.kernel.logins import SUPERUSER
from ledger.kernel.secret_files import read_secrets

CLOSED: Final = "# Written by cofferdam: whoever logs in has a password.\nlocal all all scram-sha-256\n"
"""How the server lets in."""

_OPEN: Final = f"# Passwords are being made.\nlocal all {SUPERUSER} trust\n"
_RELOAD_SECONDS: Final = 10
_LOOK_SECONDS: Final = 0.02


def require_passwords(cluster: Cluster) -> None:
    """Let nobody in without a password from here on, on a server that takes connections.

    The passwords are kept once the server asks for them: what breaks off before is begun anew. Raises `Unavailable`.
    """
    rules, names = cluster.pgdata / "pg_hba.conf", set(PASSWORDS.values())
    if rules.read_text() == CLOSED and read_secrets(cluster.secrets).keys() >= names:
        return
    made = {name: secrets.token_urlsafe(32) for name in names}
    _write(rules, _OPEN, cluster)
    _reload(cluster, lets_in=True)
    with psycopg.connect(cluster.address("postgres")) as connection:
        # A password of 256 random bits is guessed in no number of rounds: one is enough, and connecting stays fast.
        connection.execute("SET LOCAL scram_iterations = 1")
        for login, name in PASSWORDS.items():
            _let_log_in(connection, login, made[name])
    _write(rules, CLOSED, cluster)
    _reload(cluster, lets_in=False)
    for name, password in made.items():
        keep_secret(cluster.secrets, name, password)


def _let_log_in(connection: psycopg.Connection[tuple[object, ...]], login: str, password: str) -> None:
    """Give a login its password; one that is not there is made, and gets its roles from a migration."""
    known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [login]).fetchone()
    verb = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}" if known is None else "ALTER ROLE {} PASSWORD {}")
    connection.execute(verb.format(sql.Identifier(login), sql.Literal(password)))


def _write(rules: Path, text: str, cluster: Cluster) -> None:
    """Replace the rules, whole or not at all, by a file of the server's own user."""
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
    """Let the server read its rules, and wait until it follows them."""
    run(cluster, "pg_ctl", "reload", "-D", str(cluster.pgdata))
    deadline = time.monotonic() + _RELOAD_SECONDS
    while _lets_in(cluster) is not lets_in:
        if time.monotonic() > deadline:
            raise Unavailable(f"the embedded PostgreSQL does not follow {cluster.pgdata}/pg_hba.conf; see server.log")
        time.sleep(_LOOK_SECONDS)


def _lets_in(cluster: Cluster) -> bool:
    """Whether its superuser needs no password."""
    try:
        psycopg.connect(cluster.address("postgres")).close()
    except psycopg.OperationalError:
        return False
    return True
