"""Access: closes the home to every other user of the machine, and finds what is open.

The one way through is for the embedded server's own user, by its group: it may pass to its data folder, and reads
nothing on the way.
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
"""What every process that we start makes is its owner's alone."""
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_CLUSTERS: Final = ("postgres", "postgres.unfinished")
"""Folders in the home that PostgreSQL's own user has; it keeps them closed itself."""


def close(home: Path, passing_group: int | None = None) -> None:
    """Make the home, or tighten it with all that lies in it; only `passing_group` may pass through, and read nothing.

    Where none is named it is that of the server whose data folder stands in the home: a program that is told the
    server's address closes the home as well, and the server goes on. What belongs to somebody else stays as it is;
    `openings` names it.
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
            with suppress(FileNotFoundError, PermissionError):  # another command's draft may be gone by now
                if entry.stat().st_mode & _OTHERS:
                    entry.chmod(stat.S_IMODE(entry.stat().st_mode) & ~_OTHERS)


def openings(folder: Path) -> Iterator[str]:
    """Say what of a folder others may read or change; nothing where its own mode keeps them out."""
    if not folder.is_dir() or not folder.stat().st_mode & (_OTHERS & ~stat.S_IXGRP):
        return
    for path in (folder, *folder.iterdir()):
        with suppress(FileNotFoundError):
            mode = stat.S_IMODE(path.lstat().st_mode)
            if not path.is_symlink() and mode & (_OTHERS & ~stat.S_IXGRP):
                yield f"{path} has mode {mode:04o}"


def open_way(user: pwd.struct_passwd, *goals: Path) -> list[int]:
    """Let a system user pass to the goals, through the folders above them; nobody else gains anything by it.

    Gives the groups that the user's process must be of. A folder that nobody but its owner may enter lets the user's
    own group pass. Raises `Unavailable` for one that cannot be passed so.
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
    """Ask the one class of the folder's mode that the system would ask."""
    if folder.st_uid == user.pw_uid:
        return bool(folder.st_mode & stat.S_IXUSR)
    if folder.st_gid == user.pw_gid or folder.st_gid in groups:
        return bool(folder.st_mode & stat.S_IXGRP)
    return bool(folder.st_mode & stat.S_IXOTH)


def _server_group(home: Path) -> int | None:
    """The group of the embedded server's own user, where that is another than the home's; None without a server."""
    for name in _CLUSTERS:
        with suppress(FileNotFoundError):
            found = (home / name).lstat()
            if found.st_uid != home.stat().st_uid:
                return found.st_gid
    return None
