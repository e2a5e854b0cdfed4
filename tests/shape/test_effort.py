"""A run counts what it starts and kills, and fails where that is more than agreed."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from tests import conftest, effort


def test_builds_servers_commands_and_kills_are_counted(tmp_path):
    before = effort.spent()
    for command in (
        [sys.executable, "-c", "pass", "-m", "cofferdam"],
        [sys.executable, "-c", "if 0: from dbt.cli.main import cli", "build"],
        [sys.executable, "-c", "pass", "/bin/pg_ctl", "-D", str(tmp_path), "start"],
    ):
        subprocess.run(command, check=True)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as sleeper:
        sleeper.kill()

    assert {kind: count - before[kind] for kind, count in effort.spent().items()} == dict.fromkeys(effort.MOST, 1)


@pytest.mark.parametrize(("most", "status"), [(0, pytest.ExitCode.TESTS_FAILED), (10**6, pytest.ExitCode.OK)])
def test_a_run_that_takes_more_than_agreed_fails(monkeypatch, most, status):
    monkeypatch.setattr(effort, "spent", lambda: {"kills": 1})
    monkeypatch.setattr(effort, "MOST", {"kills": most})
    monkeypatch.delenv("KILLS", raising=False)
    session = SimpleNamespace(config=SimpleNamespace(), exitstatus=pytest.ExitCode.OK)

    conftest.pytest_sessionfinish(session)

    assert session.exitstatus is status
    assert effort.overspent() == ([] if status is pytest.ExitCode.OK else ["kills: 1, and not 0"])
