"""No command runs code that lies in the folder where it is called."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.kernel.settings import Settings

ROOT = Path(__file__).parents[2]
LAUNCHER = ROOT / ".venv" / "bin" / "cofferdam"
NAMES = (
    *("cofferdam", "ledger", "lake", "pipelines", "api", "numbers", "random", "typing", "platform", "runpy", "site"),
    *("sitecustomize", "usercustomize", "sqlalchemy", "duckdb", "typer", "click", "rich", "yaml", "dbt", "psutil"),
)


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder with a module for every name, as a file and as a package; each leaves a mark when it runs."""
    for number, name in enumerate(NAMES):
        file = tmp_path / f"{name}.py" if number % 2 else tmp_path / name / "__init__.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write('{name} ')\nraise SystemExit(77)\n")
    return tmp_path


@pytest.mark.parametrize("pythonpath", [None, ":/nowhere"])
def test_the_launcher_takes_no_module_from_the_working_folder(hostile: Path, pythonpath: str | None):
    environ = {**os.environ, "COFFERDAM_HOME": str(hostile / "home")}
    environ |= {} if pythonpath is None else {"PYTHONPATH": pythonpath}

    ran = subprocess.run(
        [LAUNCHER, "doctor"], env=environ, cwd=hostile, capture_output=True, text=True, check=False, timeout=60
    )

    assert not (hostile / "ran").exists(), (hostile / "ran").read_text()
    assert "python" in ran.stdout
    assert "Traceback" not in ran.stderr


def test_a_child_takes_no_module_from_its_working_folder(hostile: Path):
    settings = Settings.from_env({"COFFERDAM_HOME": str(hostile / "home")})
    script = "import numbers, random, cofferdam.cli, sqlalchemy; print(cofferdam.cli.__file__)"

    ran = subprocess.run(
        [sys.executable, "-c", script],
        env=settings.child_environ(), cwd=hostile, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ran.stdout.startswith(str(ROOT)), ran.stderr
    assert not (hostile / "ran").exists()


def test_python_that_is_called_by_hand_takes_only_its_own_first_module_from_the_working_folder(tmp_path: Path):
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger" / "__init__.py").write_text("raise SystemExit(77)\n")

    ran = subprocess.run(
        [sys.executable, "-m", "cofferdam", "--help"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr


def test_the_makefile_writes_the_launcher_that_is_tested():
    recipe = (ROOT / "Makefile").read_text()

    assert 'python" -I -m cofferdam' in recipe
    assert '" -I -m cofferdam "$@"' in LAUNCHER.read_text()
