"""The embedded server lets nobody in without a password: not its superuser, and not on an old or a damaged home."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from cofferdam.runtime import passwords
from cofferdam.runtime.cluster import Cluster, run
from cofferdam.runtime.embedded import database, server
from cofferdam.vault import DATABASE
from ledger.kernel.engines import create_engine
from ledger.kernel.logins import APP_LOGIN, READER_LOGIN, SUPERUSER
from ledger.kernel.secret_files import read_secrets, write_secrets
from ledger.kernel.settings import Settings
from ledger.kernel.sql import PARTNER_ROLE

LOGINS = (SUPERUSER, APP_LOGIN, READER_LOGIN)


@pytest.fixture
def home() -> Iterator[Path]:
    """A home outside pytest's own folders, which are closed to the user that root starts PostgreSQL as."""
    with TemporaryDirectory(prefix="cofferdam-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "home"


def let_in(cluster: Cluster) -> dict[str, list[str | None]]:
    """With which of all passwords, and with none (None), each login is let in."""
    kept = read_secrets(cluster.secrets)
    names = {None: None, "wrong": "wrong"} | {name: kept.get(name) for name in set(cluster_passwords())}
    found: dict[str, list[str | None]] = {login: [] for login in LOGINS}
    for login in LOGINS:
        for name, password in names.items():
            try:
                psycopg.connect(cluster.address(DATABASE, login, password)).close()
            except psycopg.OperationalError as fault:
                assert "password" in str(fault)  # noqa: PT017  # any of several refusals
            else:
                found[login].append(name)
    return found


def cluster_passwords() -> list[str]:
    return list(passwords.PASSWORDS.values())


EACH_BY_ITS_OWN = {login: [passwords.PASSWORDS[login]] for login in LOGINS}


def test_nobody_is_let_in_without_the_password_of_its_login(home: Path):
    with database(Settings.from_env({"COFFERDAM_HOME": str(home)})):
        assert let_in(Cluster.seen(home)) == EACH_BY_ITS_OWN


def test_the_application_and_its_readers_are_handed_their_password_and_never_the_superusers(home: Path):
    settings = Settings.from_env({"COFFERDAM_HOME": str(home)})
    with database(settings) as url:
        readers = create_engine(url, role=PARTNER_ROLE)
        with readers.connect() as connection:
            who = connection.exec_driver_sql("SELECT session_user, current_user").one()
        readers.dispose()
        held = settings.on(url)
    kept = read_secrets(settings.secrets)

    assert tuple(who) == (READER_LOGIN, PARTNER_ROLE)
    handed = held.credentials(vault=True, store=True)
    assert kept["login_password"] in handed["COFFERDAM_DATABASE_URL"]
    assert kept["superuser_password"] not in str(handed)
    assert not [name for name, text in held.child_environ().items() for each in kept.values() if each in text]


@pytest.mark.parametrize("runs", [False, True])
def test_a_home_whose_server_trusted_whoever_came_is_closed_by_the_next_command(home: Path, *, runs: bool):
    cluster = Cluster.of(home)
    with server(home):
        (cluster.pgdata / "pg_hba.conf").write_text("local all all trust\n")
        run(cluster, "pg_ctl", "reload", "-D", str(cluster.pgdata))
        write_secrets(cluster.secrets, {})
        if runs:
            with server(home):
                assert let_in(cluster) == EACH_BY_ITS_OWN

    with server(home):
        assert let_in(cluster) == EACH_BY_ITS_OWN


def test_passwords_that_were_lost_are_made_anew(home: Path):
    cluster = Cluster.of(home)
    with server(home):
        pass
    before = read_secrets(cluster.secrets)
    write_secrets(cluster.secrets, {"vault_key": "kept"})

    with server(home):
        assert let_in(cluster) == EACH_BY_ITS_OWN

    after = read_secrets(cluster.secrets)
    assert after["vault_key"] == "kept"
    assert not set(before.values()) & set(after.values())


@pytest.mark.parametrize("step", range(1, 7))
def test_whatever_step_is_the_last_the_next_command_closes_the_server(
    home: Path, monkeypatch: pytest.MonkeyPatch, step: int
):
    cluster, steps = Cluster.of(home), iter(range(1, step))

    def dying(function):
        def called(*given, **named):
            if next(steps, None) is None:
                raise KeyboardInterrupt
            return function(*given, **named)

        return called

    with monkeypatch.context() as patched:
        for name in ("_write", "_reload", "keep_secret"):
            patched.setattr(passwords, name, dying(getattr(passwords, name)))
        with pytest.raises(KeyboardInterrupt), server(home):
            pass

    with server(home):
        assert let_in(cluster) == EACH_BY_ITS_OWN
