"""The import as a command: what it prints, and by which code it ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.kernel.settings import Settings
from tests.pipelines.imports.conftest import HEADER, MAPPING

ROOT = Path(__file__).parents[2]
GOOD = "1,2024-01-05,1.00,in,USD,sale,acme,77"
BAD = "2,2024-01-05,1.000,in,USD,sale,acme,77"


@pytest.fixture
def run(settings: Settings, tmp_path: Path):
    """Run a command of ours; files have the header of the shop, and stand in a folder of their own."""
    (tmp_path / "shop.toml").write_text(MAPPING)

    def ran(*arguments: str, rows: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        (tmp_path / "rows.csv").write_text("\n".join([HEADER, *rows]) + "\n")
        command = [sys.executable, "-m", "cofferdam", *arguments]
        environ = {**settings.child_environ(), "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            command, env=environ, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
        )

    return ran


def test_a_command_ends_with_0_only_where_all_that_was_asked_is_done(run):
    bad = run("import", "shop.toml", "rows.csv", "--json", rows=(BAD,))
    waiting = run("quarantine", "replay", "shop", "--json")
    twins = run("import", "shop.toml", "rows.csv", "--json", rows=(GOOD, GOOD))
    good = run("import", "shop.toml", "rows.csv", rows=(GOOD,))

    assert [each.returncode for each in (bad, waiting, twins, good)] == [1, 1, 1, 0]
    assert (json.loads(bad.stdout)["rejected"], json.loads(waiting.stdout)["replayed"]) == ({"unreadable_amount": 1}, 0)
    assert (json.loads(twins.stdout)["accepted"], json.loads(twins.stdout)["twins"]) == (1, 1)
    assert "already there    1" in good.stdout


def test_a_file_is_shown_and_drafted_without_a_database(run, tmp_path, settings):
    before = set(settings.home.iterdir()) if settings.home.exists() else set()

    shown = run("import", "shop.toml", "rows.csv", "--show", "1", "--json", rows=(BAD, GOOD))
    drafted = run("import", "--draft", "rows.csv", rows=(GOOD,))
    (tmp_path / "drafted.toml").write_text(drafted.stdout)
    again = run("import", "drafted.toml", "rows.csv", "--show", "5", rows=(GOOD,))

    assert [each["rule"] for each in json.loads(shown.stdout)] == ["unreadable_amount"]
    assert (drafted.returncode, again.returncode) == (0, 0)
    assert "amount=1.00 USD" in again.stdout
    assert (set(settings.home.iterdir()) if settings.home.exists() else set()) == before


def test_what_cannot_be_begun_is_told_in_one_line(run):
    for arguments in (("import",), ("import", "shop.toml"), ("import", "nothing", "rows.csv")):
        told = run(*arguments)

        assert (told.returncode, told.stderr.count("\n"), told.stdout) == (1, 1, "")
    assert run("serve", "--port", "99999").returncode == 2
