"""The holder of a home: the process with its lock, which the system releases when the process dies.

Process ids are reused, so the lock tells whether a process runs, and the file only its id.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

_ATTEMPTS: Final = 20
_PAUSE_SECONDS: Final = 0.01


@contextmanager
def held(home: Path) -> Iterator[bool]:
    """Lock the home while the block runs, with this process's id in the lock file; yields False if another has it."""
    with _lock_file(home).open("a+") as lock:
        yield _taken(lock)


def is_held(home: Path) -> bool:
    """Return whether a living process has the home, even if it is still starting."""
    try:
        with _lock_file(home).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def holder(home: Path) -> int | None:
    """Return the id of the process that has the home, or None."""
    for _ in range(_ATTEMPTS):  # it writes its id right after it takes the lock
        if not is_held(home):
            return None
        with suppress(ValueError):
            return int(_lock_file(home).read_text())
        time.sleep(_PAUSE_SECONDS)
    return None


def _taken(lock: IO[str]) -> bool:
    for _ in range(_ATTEMPTS):  # `is_held` takes the lock for a moment only
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            return True
        time.sleep(_PAUSE_SECONDS)
    return False


def _lock_file(home: Path) -> Path:
    return home / "up.lock"
