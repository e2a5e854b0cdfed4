"""The embedded server starts for whoever comes first, ends with whoever goes last, and survives every kill."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
import pytest

from cofferdam.runtime.cluster import Cluster
from cofferdam.runtime.embedded import database, server
from cofferdam.runtime.postmaster import running
from cofferdam.vault import DATABASE, vault
from ledger.kernel.errors import Unavailable
from ledger.kernel.ids import BookId, PartnerId, new_id
from ledger.kernel.settings import Settings
from ledger.vault.sealing import PersonalValue

USE_AND_DIE = """
import os, sys
from pathlib import Path
import psycopg
from cofferdam.runtime.embedded import server
with server(Path(sys.argv[1])) as url:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
    if sys.argv[2] == "with the server":
        os.kill(int((Path(sys.argv[1]) / "postgres" / "postmaster.pid").read_text().split()[0]), 9)
    os.kill(os.getpid(), 9)
"""


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder outside pytest's own, which are closed to the user that root starts PostgreSQL as."""
    with TemporaryDirectory(prefix="cofferdam-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def answer(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
        assert row is not None
        return row[0]


def test_the_last_one_out_stops_the_server(tmp_path: Path):
    with server(tmp_path) as url:
        with server(tmp_path) as again:
            assert again == url
        assert running(Cluster.of(tmp_path))
        assert answer(url, "SELECT 1") == 1

    assert not running(Cluster.of(tmp_path))


def test_many_who_start_at_once_get_one_server(tmp_path: Path):
    def use(_: int) -> object:
        with server(tmp_path) as url:
            return answer(url, "SELECT system_identifier::text || current_database() FROM pg_control_system()")

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(use, range(8)))) == 1


def test_a_dump_of_the_embedded_ledger_holds_no_key(tmp_path: Path):
    settings = Settings.from_env({"COFFERDAM_HOME": str(tmp_path)})
    value = PersonalValue(PartnerId(new_id()), "transfers.counterparty", "Ben")

    with database(settings) as url:
        with vault(settings, url) as first:
            sealed = first.seal(BookId(1), [value])
        with vault(settings, url) as second:
            assert second.seal(BookId(1), [value]) == sealed
        keys = [answer(each, "SELECT count(*) FROM subject_keys") for each in (url, Cluster.of(tmp_path).url(DATABASE))]

    assert keys == [0, 1], "the key of the one subject"


@pytest.mark.parametrize("what", ["alone", "with the server"])
def test_after_a_kill_the_next_start_has_everything_that_was_committed(tmp_path: Path, what: str):
    killed = subprocess.run([sys.executable, "-c", USE_AND_DIE, str(tmp_path), what], check=False)
    assert killed.returncode == -signal.SIGKILL

    with server(tmp_path) as url:
        assert answer(url, "SELECT number FROM kept") == 1

    assert not running(Cluster.of(tmp_path))


def test_a_pid_file_whose_number_another_program_has_by_now_does_not_stop_the_start(tmp_path: Path):
    with server(tmp_path):
        pass
    (tmp_path / "postgres" / "postmaster.pid").write_text(f"{os.getppid()}\n/elsewhere\n1\n5432\n\n\n\nready\n")

    with server(tmp_path) as url:
        assert answer(url, "SELECT 1") == 1


def test_an_interrupted_first_start_is_begun_anew(tmp_path: Path):
    (tmp_path / "postgres.unfinished").mkdir()
    (tmp_path / "postgres.unfinished" / "PG_VERSION").write_text("18\n")

    with server(tmp_path) as url:
        assert answer(url, "SELECT 1") == 1


def test_a_home_with_a_path_too_long_for_a_socket_works(tmp_path: Path):
    home = tmp_path / ("long-" * 20) / ("path-" * 20)

    with server(home) as url:
        assert answer(url, "SELECT 1") == 1


def test_a_home_with_odd_characters_in_its_path_works(tmp_path: Path):
    with server(tmp_path / "it's a home, of sorts; é") as url:
        assert answer(url, "SELECT 1") == 1


def test_nobody_else_reaches_the_sockets_folder(tmp_path: Path):
    for home in (tmp_path / "short", tmp_path / ("long-" * 30)):
        with server(home):
            assert Cluster.of(home).socket_folder.stat().st_mode & 0o077 == 0


def test_text_is_ordered_by_bytes_on_every_machine(tmp_path: Path):
    with server(tmp_path) as url:
        assert answer(url, "SELECT string_agg(w, '' ORDER BY w) FROM unnest('{b,B,a,é}'::text[]) w") == "Babé"


def test_the_database_of_the_settings_is_migrated_and_another_server_is_not_started(tmp_path: Path, database_url: str):
    settings = Settings.from_env({"COFFERDAM_HOME": str(tmp_path), "COFFERDAM_DATABASE_URL": database_url})

    with database(settings) as url:
        assert answer(url, "SELECT count(*) FROM books") == 0

    assert not (tmp_path / "postgres").exists()


def test_a_server_that_does_not_answer_is_one_clear_line(tmp_path: Path):
    settings = Settings.from_env(
        {"COFFERDAM_HOME": str(tmp_path), "COFFERDAM_DATABASE_URL": "postgresql://u@127.0.0.1:1/d"}
    )

    with pytest.raises(Unavailable, match="COFFERDAM_DATABASE_URL") as refusal, database(settings):
        pass

    assert "\n" not in str(refusal.value)


def test_the_servers_processes_are_gone_after_the_end(tmp_path: Path):
    with server(tmp_path):
        pid = int((tmp_path / "postgres" / "postmaster.pid").read_text().split()[0])
        family = [psutil.Process(pid), *psutil.Process(pid).children()]

    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in family)
