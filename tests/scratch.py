"""Where the suite's databases, lakes and homes lie: in memory where there is enough of it, for a disk that is asked to
make thousands of small files and to sync them costs more than all that is tested."""

import atexit
import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import psutil

_MEMORY: Final = Path("/dev/shm")
_PREFIX: Final = "cofferdam-suite-"
_LEAST: Final = 8 << 30
"""Bytes of free memory from which on it is used; more than ten times what the suite was seen to take."""
_OURS: Final = "COFFERDAM_TEST_SCRATCH"


def settle() -> None:
    """Let temporary folders be made in memory, for this process and its children; what a killed suite left goes."""
    if _OURS in os.environ or "TMPDIR" in os.environ or not _has_room():
        return
    for left in _MEMORY.glob(f"{_PREFIX}*"):
        _remove(left)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_MEMORY))
    folder.chmod(0o711)  # PostgreSQL, which root starts as another user, passes through it
    atexit.register(_end, folder, _lock(folder), os.getpid())
    os.environ[_OURS] = os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None


def _has_room() -> bool:
    return (
        os.access(_MEMORY, os.W_OK)
        and psutil.disk_usage(str(_MEMORY)).free >= _LEAST
        and psutil.virtual_memory().available >= _LEAST
    )


def _lock(folder: Path) -> IO[str] | None:
    """The lock of the suite that uses a folder; None where it is another's."""
    lock = (folder / "lock").open("a")
    with suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return lock
    lock.close()
    return None


def _remove(folder: Path) -> None:
    with suppress(OSError):  # another user's
        if (lock := _lock(folder)) is not None:
            _end(folder, lock, os.getpid())


def _end(folder: Path, lock: IO[str], process: int) -> None:
    if os.getpid() == process:  # and not a child that ends by itself
        lock.close()
        shutil.rmtree(folder, ignore_errors=True)
