"""Log files: the output of child processes, with rotation by size."""

import os
import shutil
from pathlib import Path
from typing import IO, Final

BYTES_MAX: Final = 20_000_000
"""The size at which a file is rotated; each child has two files at most."""


def opened_log(path: Path) -> IO[bytes]:
    """Open the file for a child to append to."""
    keep_bounded(path)
    return path.open("ab")


def keep_bounded(path: Path, *, bytes_max: int = BYTES_MAX) -> None:
    """Rotate a large file while the child appends to it.

    The child keeps the file open, so the file is copied and truncated. A line written between the two is lost.
    """
    if not path.exists() or path.stat().st_size <= bytes_max:
        return
    with path.open("rb") as source, path.with_suffix(".log.old").open("wb") as older:
        shutil.copyfileobj(source, older)
    os.truncate(path, 0)
