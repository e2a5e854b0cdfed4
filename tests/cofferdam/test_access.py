"""Nobody else on the machine reads anything of a home."""

import os
import pwd
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from cofferdam.runtime.access import close, open_way, openings
from cofferdam.runtime.cluster import Cluster
from cofferdam.runtime.embedded import server
from ledger.kernel.errors import Unavailable

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can look with another user's eyes")

READ_ALL = """
import os, sys
for root, folders, files in os.walk(sys.argv[1]):
    print(root)
    for name in files:
        try:
            open(os.path.join(root, name), "rb").read(1)
            print(name)
        except OSError:
            pass
for name in sys.argv[2:]:
    try:
        open(os.path.join(sys.argv[1], name), "rb").read(1)
        print("by name", name)
    except OSError:
        pass
"""
LEFT_OPEN = (
    "lake/shop/part-0.parquet",
    "warehouse.duckdb",
    "cache/x",
    "logs/api.log",
    "dagster/runs.db",
    "secrets.json",
)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder outside pytest's own, in which any user may look around."""
    with TemporaryDirectory(prefix="cofferdam-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def open_home(tmp_path: Path) -> Path:
    """A home as it was before: everything in it is open to everybody."""
    home = tmp_path / "home"
    for name in LEFT_OPEN:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text('{"said": "Ann pays Ben"}')
    for path in (home, *home.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return home


def read_by(uid: int, gid: int, home: Path) -> str:
    command = ["/usr/bin/env", "python3", "-I", "-c", READ_ALL, str(home), *LEFT_OPEN]
    ran = subprocess.run(
        command, check=False, user=uid, group=gid, extra_groups=[], cwd="/", capture_output=True, text=True
    )
    return ran.stdout + ran.stderr


def modes(home: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in (home, *home.iterdir())}


def test_a_home_that_stood_open_is_closed_at_the_next_start_with_all_that_lies_in_it(open_home: Path):
    close(open_home)

    assert modes(open_home) == {
        "home": 0o700,
        **dict.fromkeys(("lake", "cache", "logs", "dagster"), 0o700),
        **dict.fromkeys(("warehouse.duckdb", "secrets.json"), 0o600),
    }
    assert list(openings(open_home)) == []


def test_what_is_open_is_named_with_its_mode(open_home: Path):
    said = list(openings(open_home))

    assert f"{open_home} has mode 0755" in said
    assert f"{open_home / 'warehouse.duckdb'} has mode 0644" in said


@as_root
def test_another_user_reads_nothing_of_a_home_and_the_servers_own_user_nothing_but_its_data(open_home: Path):
    stranger = 54_321
    assert "by name lake" in read_by(stranger, stranger, open_home), "it stood open"

    with server(open_home) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        own = Cluster.of(open_home).owner
        assert own is not None
        assert read_by(stranger, stranger, open_home) == ""
        seen = read_by(own.pw_uid, own.pw_gid, open_home)
        close(open_home)  # as a program does that was told the server's address
        assert connection.execute("SELECT count(*) FROM pg_control_system()").fetchone() == (1,), "the server may pass"

    assert seen == "", "it may pass to its folder, which it finds by name, and read nothing on the way"
    assert modes(open_home)["postgres"] == 0o700


@as_root
def test_the_way_of_the_servers_user_opens_closed_folders_to_nobody_else(tmp_path: Path):
    user = pwd.getpwnam("pgserver") if _has_user() else pwd.getpwnam("nobody")
    closed, of_group = tmp_path / "closed", tmp_path / "closed" / "of-a-group"
    (of_group / "data").mkdir(parents=True)
    closed.chmod(0o700)
    os.chown(of_group, 54_321, 54_322)
    of_group.chmod(0o750)

    groups = open_way(user, of_group / "data")

    assert groups == [54_322]
    assert stat.S_IMODE(closed.stat().st_mode) == 0o710
    assert closed.stat().st_gid == user.pw_gid
    assert stat.S_IMODE(of_group.stat().st_mode) == 0o750


@as_root
def test_a_folder_that_the_servers_user_cannot_pass_is_named(tmp_path: Path):
    shut = tmp_path / "shut"
    (shut / "data").mkdir(parents=True)
    os.chown(shut, 54_321, 54_322)
    shut.chmod(0o740)

    with pytest.raises(Unavailable, match=r"may not pass through .*/shut: run chmod o\+x"):
        open_way(pwd.getpwnam("nobody"), shut / "data")


def test_every_command_makes_what_it_makes_for_its_owner_alone():
    script = "import os, sys; from cofferdam.cli import main; sys.argv = ['cofferdam', '--help']\n"
    script += "try: main()\nexcept SystemExit: print(oct(os.umask(0)), file=sys.stderr)"

    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stderr == "0o77\n"


def _has_user() -> bool:
    return any(user.pw_name == "pgserver" for user in pwd.getpwall())
