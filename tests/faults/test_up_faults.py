"""What becomes of a running installation when it is started twice, interrupted, or killed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

from cofferdam.runtime.cluster import Cluster
from cofferdam.runtime.embedded import database, revive
from cofferdam.runtime.home import noted_running
from cofferdam.runtime.postmaster import running
from ledger.kernel.settings import Settings
from tests import warm

ROOT = Path(__file__).parents[2]
SECRETS = {
    "COFFERDAM_VAULT_KEY": "5e" * 32,
    "AWS_ACCESS_KEY_ID": "AKIAOFNOBODY",
    "AWS_SECRET_ACCESS_KEY": "hunter-of-the-store",
    "AWS_SESSION_TOKEN": "hunter-of-the-session",
    "PGPASSWORD": "hunter-of-the-database",
}
"""What an operator may have in the environment of `up`; the embedded server and a folder need none of it."""

pytestmark = pytest.mark.slow


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder outside pytest's own, which are closed to the user that root starts PostgreSQL as."""
    with TemporaryDirectory(prefix="cofferdam-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
def at_home(tmp_path: Path, parsed: Path) -> Settings:
    """A home in which the models need not be parsed, as after a first start."""
    settings = Settings.from_env({"COFFERDAM_HOME": str(tmp_path / "home")})
    shutil.copytree(parsed / "dbt", settings.home / "dbt")
    return settings


def cofferdam(
    settings: Settings, *arguments: str, ignoring: tuple[signal.Signals, ...] = ()
) -> subprocess.CompletedProcess[str]:
    ignore = f"import os, signal, sys; [signal.signal(s, signal.SIG_IGN) for s in {[int(s) for s in ignoring]}]; "
    start = "os.execv(sys.executable, [sys.executable, '-m', 'cofferdam', *sys.argv[1:]])"
    command = [sys.executable, "-c", ignore + start, *arguments]
    return subprocess.run(
        command, env=settings.child_environ(), cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )


def running_server(settings: Settings) -> bool:
    return running(Cluster.of(settings.home))


@contextmanager
def up(settings: Settings, *arguments: str, told: Mapping[str, str] = SECRETS) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "cofferdam", "up", *arguments]
    with (settings.home.parent / "up.txt").open("w") as output:
        environ = {**settings.child_environ(), **told}
        process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=output, stderr=output)
    try:
        yield process  # type: ignore[misc]  # the streams are files
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(60)


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.1)


def addresses(settings: Settings) -> dict[str, str]:
    wait_for(lambda: noted_running(settings.home) is not None)
    noted = noted_running(settings.home)
    assert noted is not None
    return dict(noted.addresses)


def port_of(address: str) -> int:
    return int(address.split(":")[2].split("/", maxsplit=1)[0])


def healthy(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def said(settings: Settings) -> str:
    return (settings.home.parent / "up.txt").read_text()


def test_after_up_was_killed_its_children_are_gone_and_a_detached_one_starts_that_only_down_ends(at_home: Settings):
    """Signals are ignored as `nohup` has it for the terminal's end, and a script's `&` for Ctrl-C."""
    with up(at_home, told={}) as killed:
        addresses(at_home)
        children = psutil.Process(killed.pid).children(recursive=True)
        killed.kill()
    wait_for(lambda: not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in children), 20)

    started = cofferdam(at_home, "up", "--detach", ignoring=(signal.SIGHUP, signal.SIGINT))
    running = noted_running(at_home.home)
    assert started.returncode == 0, started.stderr
    assert running is not None
    family = psutil.Process(running.pid).children(recursive=True)
    for number in (signal.SIGHUP, signal.SIGINT):
        os.kill(running.pid, number)
    again = warm.cofferdam(at_home, "up", "--detach")
    assert healthy(port_of(running.addresses["API"]))

    ended, nothing = warm.cofferdam(at_home, "down"), warm.cofferdam(at_home, "down")

    assert again.returncode == 1
    assert f"process {running.pid}; end it with cofferdam down" in again.stderr
    assert f"process {running.pid} has ended" in ended.stdout
    assert ended.returncode == nothing.returncode == 0
    assert nothing.stdout == f"nothing runs on {at_home.home}\n"
    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in family)
    assert not running_server(at_home)


def test_a_detached_up_that_cannot_start_says_why_in_one_line(at_home: Settings):
    (at_home.home / "secrets.json").write_text("{")

    started = warm.cofferdam(at_home, "up", "--detach")

    assert started.returncode == 1
    assert "secrets.json is not a JSON object" in started.stderr
    assert started.stderr.count("\n") == 1


def test_down_stops_a_server_that_its_killed_users_have_left_and_none_that_another_command_uses(at_home: Settings):
    with database(at_home):
        refused = warm.cofferdam(at_home, "down")
        assert running_server(at_home)
    revive(at_home.home)
    assert running_server(at_home)

    ended = warm.cofferdam(at_home, "down")

    assert refused.returncode == 1
    assert "another command still uses the server" in refused.stderr
    assert ended.stdout == "the embedded PostgreSQL has stopped\n"
    assert not running_server(at_home)
