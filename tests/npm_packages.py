"""Packages of npm that judge the API from outside: installed once into tests/npm, as its lock file says."""

import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "npm"
LOCK = HERE / "package-lock.json"
INSTALLED = HERE / "node_modules" / ".installed"


def node(*arguments: str, folder: Path = HERE) -> subprocess.CompletedProcess[str]:
    """Run Node with the packages; skip the test where they cannot be had."""
    _install()
    return subprocess.run(["node", *arguments], cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def _install() -> None:
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed: Debian has them as nodejs and npm")
    with _alone():
        if INSTALLED.exists() and INSTALLED.read_text() == LOCK.read_text():
            return
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            pytest.skip(f"npm cannot install the packages of {LOCK}: {done.stderr.strip()[-300:]}")
        INSTALLED.write_text(LOCK.read_text())


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process install at a time."""
    with (HERE / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
