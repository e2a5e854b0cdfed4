"""Packages of npm: those that judge the API from outside, and what the TypeScript client is made with, as locked."""

import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "npm"


def node(*arguments: str, folder: Path = HERE) -> subprocess.CompletedProcess[str]:
    """Run Node with the packages of these tests; skip the test where they cannot be had."""
    install(HERE)
    return subprocess.run(["node", *arguments], cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def install(folder: Path) -> None:
    """Install what the lock file of a folder says, once; skip the test where that cannot be done."""
    lock, installed = folder / "package-lock.json", folder / "node_modules" / ".installed"
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed: Debian has them as nodejs and npm")
    with _alone():
        if installed.exists() and installed.read_text() == lock.read_text():
            return
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            pytest.skip(f"npm cannot install the packages of {lock}: {done.stderr.strip()[-300:]}")
        installed.write_text(lock.read_text())


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process install at a time."""
    with (HERE / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
