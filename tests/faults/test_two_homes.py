"""Two installations that are started together never touch one another, whatever is launched in either."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import dagster as dg
import pytest

from cofferdam.runtime import programs
from cofferdam.runtime.home import noted_running
from ledger.kernel.settings import Settings
from tests import warm
from tests.faults.test_up_faults import addresses, healthy, port_of, up, wait_for

BUSY_SECONDS = 500  # each wait ends in a few on a machine of one's own
SELECTOR = {"repositoryLocationName": "cofferdam", "repositoryName": "__repository__", "jobName": "zero_check"}
LAUNCH = """
    mutation ($given: ExecutionParams!) {
        launchRun(executionParams: $given) { __typename ... on LaunchRunSuccess { run { runId } } }
    }
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not programs.UI.exists(), reason="Dagster's web UI is not installed: make install"),
]


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


@contextmanager
def two_homes(parsed: Path) -> Iterator[list[Settings]]:
    """Two that are started at the same moment and want the same ports."""
    with ExitStack() as stack:
        homes = []
        for _ in range(2):
            folder = stack.enter_context(TemporaryDirectory(prefix="cofferdam-", ignore_cleanup_errors=True))
            homes.append(Settings.from_env({"COFFERDAM_HOME": f"{folder}/home"}))
        for settings in homes:
            shutil.copytree(parsed / "dbt", settings.home / "dbt")
            stack.enter_context(up(settings))
        yield homes


def login_of(settings: Settings) -> str:
    """The address that is printed once the web UI answers there, and not before."""
    printed = settings.home.parent / "up.txt"
    wait_for(lambda: "/login?token=" in printed.read_text(), BUSY_SECONDS)
    (address,) = re.findall(r"http://\S+/login\?token=\S+", printed.read_text())
    return str(address)


def runs_of(settings: Settings) -> list[tuple[str, str]]:
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        return [(run.dagster_run.job_name, run.dagster_run.status.value) for run in instance.get_run_records()]


@pytest.mark.timeout(1800)
def test_a_run_that_is_launched_in_one_of_two_homes_executes_on_its_own_books_and_no_other_page_launches_it(
    parsed: Path,
):
    with two_homes(parsed) as (one, other):
        wait_for(lambda: all(noted_running(settings.home) for settings in (one, other)), BUSY_SECONDS)
        ports = [port_of(address) for settings in (one, other) for address in addresses(settings).values()]
        assert len(set(ports)) == 4
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
            page.send("POST", "/graphql", "{}", Cookie=page.cookie, Origin="http://evil.example", Host="evil.example")[
                0
            ],
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
