"""Where the suite's databases, lakes and homes lie: in memory where there is enough of it, for a disk that is asked to
make thousands of small files and to sync them costs more than all that is tested."""

import fcntl
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psutil

from tests.reaper import remove

FOLDER: Final = "COFFERDAM_TEST_SCRATCH"
"""The variable that names the folder of a suite to its children."""

_REAPER: Final = Path(__file__).with_name("reaper.py")
_MEMORY: Final = Path("/dev/shm")
_PREFIX: Final = "cofferdam-suite-"
_LEAST: Final = 8 << 30
"""Bytes of free memory from which on it is used; more than ten times what the suite was seen to take."""


def settle() -> None:
    """Let temporary folders be made in one of our own, for this process and its children; what a killed suite left
    goes, and so does what this one will leave, its processes too."""
    if FOLDER in os.environ:
        return
    place = _MEMORY if "TMPDIR" not in os.environ and _has_room() else Path(tempfile.gettempdir())
    with _alone(place):
        for left in place.glob(f"{_PREFIX}*"):
            _sweep(left)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
        _locked(folder)  # until this process ends
    folder.chmod(0o711)  # PostgreSQL, which root starts as another user, passes through it
    os.posix_spawn(sys.executable, [sys.executable, str(_REAPER), str(os.getpid()), str(folder)], os.environ)
    os.environ[FOLDER] = os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None


def _has_room() -> bool:
    return (
        os.access(_MEMORY, os.W_OK)
        and psutil.disk_usage(str(_MEMORY)).free >= _LEAST
        and psutil.virtual_memory().available >= _LEAST
    )


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """No other suite of this user sweeps, or makes a folder that is not locked yet, while the block lasts."""
    lock = os.open(place / f".{_PREFIX}{os.getuid()}", os.O_WRONLY | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    yield
    os.close(lock)


def _locked(folder: Path) -> int | None:
    """The lock of the suite that uses a folder; None where it is another's."""
    lock = os.open(folder / "lock", os.O_WRONLY | os.O_CREAT, 0o600)
    with suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return lock
    os.close(lock)
    return None


def _sweep(folder: Path) -> None:
    with suppress(OSError):  # another user's
        if (lock := _locked(folder)) is not None:
            remove(folder)
            os.close(lock)
