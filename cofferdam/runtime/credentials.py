"""Credentials: secrets that a child process receives in a file of its own, and never in its environment.

Every program of the same user can read a process's environment, crash reports often contain it, and children inherit
it. The files are in memory if the system has a folder for that (`/dev/shm`), and never in the home, so that backups of
the home do not contain a key that is stored elsewhere.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import Final

from ledger.kernel.secret_files import destroy_secrets, write_secrets

_MEMORY: Final = Path("/dev/shm")  # noqa: S108  # the folders created in it are private to their owner


@dataclass(frozen=True, slots=True)
class Credentials:
    """The folder of these files while an installation runs."""

    folder: Path

    def hand(self, child: str, secrets: Mapping[str, str]) -> dict[str, str]:
        """Write the file of a child, and return the variable with its path, or nothing if the child needs no secret."""
        if not secrets:
            return {}
        file = self.folder / f"{child}.json"
        write_secrets(file, secrets)
        return {"COFFERDAM_CREDENTIALS": str(file)}


@contextmanager
def credentials(home: Path) -> Iterator[Credentials]:
    """Keep the files of a home's children while the block runs; files that a killed process left are destroyed first.

    A lock ensures that only one installation at a time runs on a home.
    """
    parent = _MEMORY if _MEMORY.is_dir() else Path(gettempdir())
    prefix = f"cofferdam-{hashlib.sha256(str(home).encode()).hexdigest()[:16]}-"
    for left in parent.glob(f"{prefix}*"):
        _destroy(left)
    folder = Path(mkdtemp(prefix=prefix, dir=parent))
    try:
        yield Credentials(folder)
    finally:
        _destroy(folder)


def _destroy(folder: Path) -> None:
    if folder.is_symlink() or not folder.is_dir() or folder.stat().st_uid != os.geteuid():
        return  # not one of our folders
    for file in folder.iterdir():
        destroy_secrets(file)
    shutil.rmtree(folder)
