"""Two installations that are started together never touch one another, whatever is launched in either."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import urlsplit

import dagster as dg
import psutil
import pytest

from cofferdam.runtime import programs
from cofferdam.runtime.cluster import Cluster
from cofferdam.runtime.home import noted_running
from ledger.kernel.settings import Settings
from tests import warm
from tests.faults.test_up_faults import SECRETS, addresses, healthy, port_of, running_server, said, up, wait_for

BUSY_SECONDS = 500  # each wait ends in a few on a machine of one's own
SELECTOR = {"repositoryLocationName": "cofferdam", "repositoryName": "__repository__", "jobName": "zero_check"}
LAUNCH = """
    mutation ($given: ExecutionParams!) {
        launchRun(executionParams: $given) { __typename ... on LaunchRunSuccess { run { runId } } }
    }
"""

pytestmark = pytest.mark.slow


class Page:
    """A page of the web UI of one installation, with the cookie that its printed address gave."""

    def __init__(self, login: str) -> None:
        self.where = urlsplit(login)
        self.origin = f"http://{self.where.netloc}"
        status, headers, _ = self.send("GET", f"{self.where.path}?{self.where.query}")
        assert status == 303
        self.cookie = headers["set-cookie"].split(";")[0]

    def send(self, method: str, path: str, body: str | None = None, **headers: str) -> tuple[int, dict[str, str], str]:
        connection = HTTPConnection(str(self.where.hostname), self.where.port or 80, timeout=60)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"} | headers)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
        finally:
            connection.close()

    def ask(self, query: str, **given: object) -> dict[str, object]:
        body = json.dumps({"query": query, "variables": given})
        status, _, text = self.send("POST", "/graphql", body, Cookie=self.cookie, Origin=self.origin)
        assert status == 200, text
        answer: dict[str, object] = json.loads(text)["data"]
        return answer


class Running(NamedTuple):
    """An installation that runs, and its supervisor."""

    settings: Settings
    supervisor: "subprocess.Popen[str]"


@pytest.fixture(scope="module")
def taken() -> Iterator[int]:
    """A port that somebody else has."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture(scope="module")
def homes(parsed: Path, taken: int) -> Iterator[list[Running]]:
    """Two that are started at the same moment and want the same port, which is taken."""
    with ExitStack() as stack:
        running = []
        for _ in range(2):
            folder = stack.enter_context(TemporaryDirectory(prefix="cofferdam-", ignore_cleanup_errors=True))
            settings = Settings.from_env({"COFFERDAM_HOME": f"{folder}/home"})
            shutil.copytree(parsed / "dbt", settings.home / "dbt")
            running.append(Running(settings, stack.enter_context(up(settings, "--port", str(taken)))))
        wait_for(lambda: all(noted_running(each.settings.home) for each in running), BUSY_SECONDS)
        yield running


def login_of(settings: Settings) -> str:
    """The address that is printed once the web UI answers there, and not before."""
    printed = settings.home.parent / "up.txt"
    wait_for(lambda: "/login?token=" in printed.read_text(), BUSY_SECONDS)
    (address,) = re.findall(r"http://\S+/login\?token=\S+", printed.read_text())
    return str(address)


def runs_of(settings: Settings) -> list[tuple[str, str]]:
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        return [(run.dagster_run.job_name, run.dagster_run.status.value) for run in instance.get_run_records()]


@pytest.mark.skipif(not programs.UI.exists(), reason="Dagster's web UI is not installed: make install")
@pytest.mark.timeout(1800)
def test_a_run_that_is_launched_in_one_of_two_homes_executes_on_its_own_books_and_no_other_page_launches_it(
    homes: list[Running], taken: int
):
    (one, _), (other, _) = homes
    ports = [port_of(address) for settings in (one, other) for address in addresses(settings).values()]
    assert len(set(ports)) == len(ports) == 6
    assert all(taken < port_of(addresses(settings)["API"]) <= taken + 50 for settings in (one, other))
    assert all(healthy(port_of(addresses(settings)["API"])) for settings in (one, other))
    sockets = {(settings.dagster_home / "workspace.yaml").read_text() for settings in (one, other)}
    assert len(sockets) == 2
    with closing(HTTPConnection("127.0.0.1", ports[0], timeout=30)) as known:
        known.request("GET", "/health")
        operations = json.loads(known.getresponse().read())["operations"]
    assert {each["name"] for each in operations} >= {"build", "release"}
    page = Page(login_of(one))
    wait_for(
        lambda: (
            "zero_check"
            in str(page.ask("{ repositoriesOrError { ... on RepositoryConnection { nodes { jobs { name } } } } }"))
        ),
        BUSY_SECONDS,
    )
    given = {"selector": SELECTOR, "mode": "default", "runConfigData": "{}"}

    forged = [
        page.send("GET", f"/graphql?query={LAUNCH.split(maxsplit=1)[0]}", Cookie=page.cookie)[0],
        page.send("POST", "/graphql", "{}", Cookie=page.cookie, Origin="https://evil.example")[0],
        page.send("POST", "/graphql", "{}", Cookie=page.cookie, Origin="http://evil.example", Host="evil.example")[0],
        page.send("POST", "/graphql", "{}", Origin=page.origin)[0],
        page.send("GET", "/")[0],
    ]
    launched = page.ask(LAUNCH, given=given)
    wait_for(lambda: ("zero_check", "SUCCESS") in runs_of(one), BUSY_SECONDS)

    assert forged == [405, 403, 403, 401, 401]
    assert launched["launchRun"]["__typename"] == "LaunchRunSuccess"  # type: ignore[index]  # JSON
    assert (one.home / "operations" / "zero_check.succeeded").exists()
    assert not (other.home / "operations" / "zero_check.succeeded").exists()
    assert "zero_check" not in {name for name, _ in runs_of(other)}
    fresh = warm.cofferdam(one, "ui")
    assert fresh.returncode == 0
    assert Page(fresh.stdout.strip()).cookie != page.cookie


@pytest.mark.timeout(1800)
def test_a_second_up_is_refused_children_have_no_secrets_what_is_killed_is_back_and_ctrl_c_ends_all(
    homes: list[Running],
):
    settings, first = homes[1]
    port = port_of(addresses(settings)["API"])
    second = warm.cofferdam(settings, "up", timeout=30)
    wait_for(lambda: "everything runs" in said(settings), BUSY_SECONDS)
    told = secrets_told(settings, psutil.Process(first.pid).children(recursive=True))
    kill_api_and_database(settings, first, port)
    family = psutil.Process(first.pid).children(recursive=True)
    first.send_signal(signal.SIGINT)
    assert first.wait(30) == 0

    assert told == []
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert f"process {first.pid}" in second.stderr
    assert str(port) in second.stderr
    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in family)
    assert not running_server(settings)
    assert "Traceback" not in said(settings)
    assert not (settings.home / "run.json").exists()
    said_last = "cofferdam: stopped; what was accepted stays; run the same command again to continue"
    logged = (settings.home / "logs" / "api.log").read_text().splitlines()
    lines = [json.loads(line) for line in logged if line != said_last]
    assert {"/health", "info", 200} <= {
        value for line in lines for value in line.values() if not isinstance(value, list)
    }


def kill_api_and_database(settings: Settings, supervisor: "subprocess.Popen[str]", port: int) -> None:
    """Kill one, wait until it is said and it answers again; then the other."""
    (api,) = [child for child in psutil.Process(supervisor.pid).children() if "serve" in child.cmdline()]
    os.kill(api.pid, signal.SIGKILL)
    wait_for(lambda: "api was killed by SIGKILL" in said(settings))
    wait_for(lambda: healthy(port))
    postmaster = int((Cluster.of(settings.home).pgdata / "postmaster.pid").read_text().split("\n", 1)[0])
    os.kill(postmaster, signal.SIGKILL)
    wait_for(lambda: not psutil.pid_exists(postmaster))
    wait_for(lambda: healthy(port))


def secrets_told(settings: Settings, family: list[psutil.Process]) -> list[str]:
    """The variables of a running installation's processes, the database's among them, that hold a secret."""
    postmaster = int((Cluster.of(settings.home).pgdata / "postmaster.pid").read_text().split("\n", 1)[0])
    running = [*family, psutil.Process(postmaster), *psutil.Process(postmaster).children()]
    assert {"cofferdam.runtime.orphan_reaper", "serve", "stream", "dagster._daemon"} <= {
        word for process in family for word in process.cmdline()
    }
    return [
        f"{' '.join(process.cmdline())}: {name}"
        for process in running
        for name, text in [*process.environ().items(), ("its command", " ".join(process.cmdline()))]
        if any(secret in text for secret in SECRETS.values())
    ]
