"""The import as a command: what it prints, and by which code it ends."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from cofferdam.commands.imports import import_, quarantine
from cofferdam.commands.operate import serve
from cofferdam.failures import telling
from ledger.kernel.settings import Settings
from tests.pipelines.imports.conftest import HEADER, MAPPING

GOOD = "1,2024-01-05,1.00,in,USD,sale,acme,77"
BAD = "2,2024-01-05,1.000,in,USD,sale,acme,77"


@pytest.fixture
def run(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run a command of ours in a folder with the shop's mapping, and a file of rows that have its header."""
    for name, value in settings.child_environ().items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.toml").write_text(MAPPING)

    def ran(command, *arguments: str, rows: tuple[str, ...] = ()) -> Result:
        (tmp_path / "rows.csv").write_text("\n".join([HEADER, *rows]) + "\n")
        application = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        application.command()(telling(command))
        return CliRunner().invoke(application, arguments)

    return ran


def test_a_command_ends_with_0_only_where_all_that_was_asked_is_done(run):
    bad = run(import_.command, "shop.toml", "rows.csv", "--json", rows=(BAD,))
    waiting = run(quarantine.replay_rows, "shop", "--json")
    twins = run(import_.command, "shop.toml", "rows.csv", "--json", rows=(GOOD, GOOD))
    good = run(import_.command, "shop.toml", "rows.csv", rows=(GOOD,))

    assert [each.exit_code for each in (bad, waiting, twins, good)] == [1, 1, 1, 0]
    assert (json.loads(bad.stdout)["rejected"], json.loads(waiting.stdout)["replayed"]) == ({"unreadable_amount": 1}, 0)
    assert (json.loads(twins.stdout)["accepted"], json.loads(twins.stdout)["twins"]) == (1, 1)
    assert "already there    1" in good.stdout


def test_a_file_is_shown_and_drafted_without_a_database(run, tmp_path, monkeypatch):
    monkeypatch.setenv("COFFERDAM_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    monkeypatch.setenv("COFFERDAM_HOME", str(tmp_path / "no-home"))

    shown = run(import_.command, "shop.toml", "rows.csv", "--show", "1", "--json", rows=(BAD, GOOD))
    drafted = run(import_.command, "--draft", "rows.csv", rows=(GOOD,))
    (tmp_path / "drafted.toml").write_text(drafted.stdout)
    again = run(import_.command, "drafted.toml", "rows.csv", "--show", "5", rows=(GOOD,))

    assert [each["rule"] for each in json.loads(shown.stdout)] == ["unreadable_amount"]
    assert (shown.exit_code, drafted.exit_code, again.exit_code) == (0, 0, 0)
    assert "amount=1.00 USD" in again.stdout
    assert not (tmp_path / "no-home").exists()


def test_what_cannot_be_begun_is_told_in_one_line(run):
    for arguments in ((), ("shop.toml",)):
        told = run(import_.command, *arguments)

        assert (told.exit_code, told.stderr.count("\n"), told.stdout) == (1, 1, "")
    assert run(serve.command, "--port", "99999").exit_code == 2
