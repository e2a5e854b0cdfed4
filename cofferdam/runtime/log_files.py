"""Log files: where the output of a child goes; one that grows large becomes the older one, and a new one begins."""

import os
import shutil
from pathlib import Path
from typing import IO, Final

BYTES_MAX: Final = 20_000_000
"""After so many bytes a file is exchanged; there are two for each child at most."""


def opened_log(path: Path) -> IO[bytes]:
    """The file, for a child to append to."""
    keep_bounded(path)
    return path.open("ab")


def keep_bounded(path: Path, *, bytes_max: int = BYTES_MAX) -> None:
    """Exchange a file that has grown large, under the hands of the child that appends to it.

    The child keeps the file open, so that it is copied and emptied in place. A line that comes between the two is lost.
    """
    if not path.exists() or path.stat().st_size <= bytes_max:
        return
    with path.open("rb") as source, path.with_suffix(".log.old").open("wb") as older:
        shutil.copyfileobj(source, older)
    os.truncate(path, 0)
