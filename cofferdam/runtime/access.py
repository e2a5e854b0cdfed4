"""Access: closes the home to every other user of the machine, and finds files that are open to others.

The only exception is the embedded server's own user: by its group it may pass to its data folder, without reading
anything else.
"""

import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from ledger.kernel.errors import Unavailable

UMASK: Final = 0o077
"""Makes every file of the processes that we start private to its owner."""
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_CLUSTERS: Final = ("postgres", "postgres.unfinished")
"""Folders in the home that belong to PostgreSQL's own user, which keeps them private itself."""


def close(home: Path, passing_group: int | None = None) -> None:
    """Create the home, or make it and its files private; only `passing_group` may pass through, without reading.

    Without an argument it is the group of the embedded server whose data folder is in the home, so that a command with
    another database URL does not lock that server out. Files of other users are left unchanged; `openings` lists them.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.geteuid() not in (0, home.stat().st_uid):
        return
    if passing_group is None:
        passing_group = _server_group(home)
    if passing_group is not None:
        os.chown(home, -1, passing_group)
    home.chmod(stat.S_IRWXU | (0 if passing_group is None else stat.S_IXGRP))
    for entry in home.iterdir():
        if entry.name not in _CLUSTERS and not entry.is_symlink():
            with suppress(FileNotFoundError, PermissionError):  # another command may have removed its draft
                if entry.stat().st_mode & _OTHERS:
                    entry.chmod(stat.S_IMODE(entry.stat().st_mode) & ~_OTHERS)


def openings(folder: Path) -> Iterator[str]:
    """Yield the files of a folder that others may read or change; none if the folder's own mode keeps them out."""
    if not folder.is_dir() or not folder.stat().st_mode & (_OTHERS & ~stat.S_IXGRP):
        return
    for path in (folder, *folder.iterdir()):
        with suppress(FileNotFoundError):
            mode = stat.S_IMODE(path.lstat().st_mode)
            if not path.is_symlink() and mode & (_OTHERS & ~stat.S_IXGRP):
                yield f"{path} has mode {mode:04o}"


def open_way(user: pwd.struct_passwd, *goals: Path) -> list[int]:
    """Let a system user, and nobody else, pass to the goals through the folders above them.

    Returns the groups that the user's process must be in. A folder that only its owner may enter gets the user's own
    group. Raises `Unavailable` for a folder that cannot be opened in this way.
    """
    groups: set[int] = set()
    for folder in dict.fromkeys(parent for goal in goals for parent in reversed(goal.parents)):
        found = folder.stat()
        if _passes(found, user, groups):
            continue
        if found.st_gid == 0 or not found.st_mode & stat.S_IRWXG:  # root itself needs no group
            os.chown(folder, -1, user.pw_gid)
            folder.chmod(stat.S_IMODE(found.st_mode) & ~stat.S_IRWXG | stat.S_IXGRP)
        elif found.st_mode & stat.S_IXGRP:
            groups.add(found.st_gid)
        else:
            raise Unavailable(
                f"PostgreSQL's user {user.pw_name} may not pass through {folder}: "
                f"run chmod o+x on it, or choose another COFFERDAM_HOME"
            )
    return sorted(groups)


def _passes(folder: os.stat_result, user: pwd.struct_passwd, groups: set[int]) -> bool:
    """Check the class of the folder's mode (owner, group or others) that the system would check."""
    if folder.st_uid == user.pw_uid:
        return bool(folder.st_mode & stat.S_IXUSR)
    if folder.st_gid == user.pw_gid or folder.st_gid in groups:
        return bool(folder.st_mode & stat.S_IXGRP)
    return bool(folder.st_mode & stat.S_IXOTH)


def _server_group(home: Path) -> int | None:
    """Return the group of the embedded server's own user, or None without a server or if the home's owner runs it."""
    for name in _CLUSTERS:
        with suppress(FileNotFoundError):
            found = (home / name).lstat()
            if found.st_uid != home.stat().st_uid:
                return found.st_gid
    return None
