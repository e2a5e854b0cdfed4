"""Credentials: the secrets that a child process is handed in a file of its own, and never in its environment.

A process's environment is there to be read for every program of its user, and in many a crash report; what a child
inherits, its own children inherit too. The files are in memory where the system has a place for that (`/dev/shm`), and
never in the home: a key that is kept apart from the home stays apart from its backups.
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

_MEMORY: Final = Path("/dev/shm")  # noqa: S108  # only its owner may read what is made in it here


@dataclass(frozen=True, slots=True)
class Credentials:
    """The folder of these files, while an installation runs."""

    folder: Path

    def hand(self, child: str, secrets: Mapping[str, str]) -> dict[str, str]:
        """Write the file of a child; the variable that names it, or none where the child needs no secret."""
        if not secrets:
            return {}
        file = self.folder / f"{child}.json"
        write_secrets(file, secrets)
        return {"COFFERDAM_CREDENTIALS": str(file)}


@contextmanager
def credentials(home: Path) -> Iterator[Credentials]:
    """Keep the files of a home's children while the block runs; what a killed one left is destroyed first.

    One installation at a time has a home, which its lock sees to.
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
        return  # nothing of ours
    for file in folder.iterdir():
        destroy_secrets(file)
    shutil.rmtree(folder)
