"""The holder: which process has the home, by a lock that the system takes from the dead.

A number in a file goes to another program some day; so the lock says whether, and the file only who.
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
    """Hold the home while the block runs, with this process's number in the lock; False where another one holds it."""
    with _lock_file(home).open("a+") as lock:
        yield _taken(lock)


def is_held(home: Path) -> bool:
    """Say whether a living process has the home, be it still starting."""
    try:
        with _lock_file(home).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def holder(home: Path) -> int | None:
    """Give the number of the process that has the home; None where nobody has it."""
    for _ in range(_ATTEMPTS):  # it writes its number right after it has taken the lock
        if not is_held(home):
            return None
        with suppress(ValueError):
            return int(_lock_file(home).read_text())
        time.sleep(_PAUSE_SECONDS)
    return None


def _taken(lock: IO[str]) -> bool:
    for _ in range(_ATTEMPTS):  # whoever only asks lets go at once
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
