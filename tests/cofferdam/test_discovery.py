"""Commands are found by the place of their files, and imported only when they are called."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import cofferdam.commands
from cofferdam.cli import program
from cofferdam.discovery import command_files, loaded
from ledger.kernel.settings import Settings
from ledger.kernel.version import VERSION
from tests.warm import cofferdam as run

WIDTH = 80
GREET = '''"""Greet whoever asks."""

from cofferdam.output import AsJson, answer


def command(name: str, *, as_json: AsJson = False) -> None:
    """Greet somebody by name."""
    answer({"hello": name}, f"hello {name}", as_json=as_json)
'''


def called(*arguments: str) -> Result:
    """A command that is run in this process, of whatever is found now."""
    return CliRunner().invoke(program(), arguments, prog_name="cofferdam")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Another folder in which sections of commands are looked for."""
    monkeypatch.setattr(cofferdam.commands, "__path__", [*cofferdam.commands.__path__, str(tmp_path)])
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("cofferdam.commands.novel")]:
        del sys.modules[name]


def test_a_command_in_a_new_file_is_found_by_itself(folder: Path):
    (folder / "novel").mkdir()
    (folder / "novel" / "__init__.py").write_text('"""Novel: what nobody asked for."""\n')
    (folder / "novel" / "greet_.py").write_text(GREET)

    told, shown = called("--help"), called("greet", "Ada", "--json")

    assert "Novel: what nobody asked for" in told.stdout
    assert "Greet whoever asks." in told.stdout
    assert json.loads(shown.stdout) == {"hello": "Ada"}


def test_the_help_has_every_command_on_one_line_under_its_section():
    told = called("--help").stdout.splitlines()

    for file in command_files():
        (line,) = (line for line in told if line.startswith(f"│ {file.name} "))
        assert file.line in line, f"its line is longer than a terminal of {WIDTH} columns"
    assert [file.heading.split(":")[0] for file in command_files() if file.name in ("up", "account", "import")] == [
        "Operate",
        "Ledger",
        "Import",
    ]


@pytest.mark.parametrize("name", [file.name for file in command_files()])
def test_every_command_and_verb_shows_its_help(name: str):
    told = called(name, "--help")
    (group,) = (loaded(file) for file in command_files() if file.name == name)
    verbs = {verb: called(name, verb, "--help") for verb in getattr(group, "commands", ())}

    assert (told.exit_code, f"Usage: cofferdam {name}" in told.stdout) == (0, True)
    for verb, shown in verbs.items():
        assert (shown.exit_code, f"Usage: cofferdam {name} {verb}" in shown.stdout) == (0, True)


def test_the_help_imports_neither_a_command_nor_dagster():
    script = "import sys; from cofferdam.cli import main; sys.argv = ['cofferdam', '--help']\n"
    script += "try: main()\nexcept SystemExit: print(*sys.modules)"

    names = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()

    assert "cofferdam.discovery" in names
    assert not [name for name in names if name.startswith("cofferdam.commands.")]
    assert not {"dagster", "sqlalchemy", "pyarrow"} & set(names)


def test_who_asks_for_nothing_or_for_help_is_shown_the_commands(settings: Settings):
    for arguments in ((), ("-h",), ("help",)):
        outcome = run(settings, *arguments)

        assert (outcome.returncode, outcome.stderr) == (0, "")
        assert "legal-hold" in outcome.stdout


def test_an_unknown_command_is_told_the_nearest_one_and_fails(settings: Settings):
    outcome = run(settings, "verfy")

    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert "No such command 'verfy'. Did you mean 'verify'?" in outcome.stderr


def test_an_unknown_verb_is_told_the_nearest_one_too():
    outcome = called("quarantine", "lst")

    assert outcome.exit_code == 2
    assert "Did you mean 'list'?" in outcome.stderr


def test_the_version_is_that_of_the_project():
    assert called("--version").stdout == f"cofferdam {VERSION}\n"


def test_a_shell_completes_commands_verbs_and_options(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    script = called("--show-completion", "bash")

    def completed(line: str) -> list[str]:
        environ = {"_COFFERDAM_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
        return CliRunner().invoke(program(), [], prog_name="cofferdam", env=environ).stdout.split()

    assert "_COFFERDAM_COMPLETE=complete_bash" in script.stdout
    assert completed("cofferdam le") == ["legal-hold"]
    assert completed("cofferdam vault ro") == ["rotate"]
    assert completed("cofferdam account --at-") == ["--at-time"]
