"""Memory: how much of it there is for this process, by the machine or by the limit of its container."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil


def memory_bytes(system: Path = Path("/")) -> int:
    """Give what may be used: the machine's memory, or the least limit of a control group around this process.

    `system` is where `proc` and `sys` are. Control groups of both versions are read, with those around them.
    """
    return min(_limits(system))


def _limits(system: Path) -> Iterator[int]:
    for file in _limit_files(system):
        with suppress(OSError, ValueError):  # no such group here, or it says "max"
            yield int(file.read_text())
    yield int(psutil.virtual_memory().total)


def _limit_files(system: Path) -> Iterator[Path]:
    """The limits of each group that this process is in, and of the groups around it, up to the root that is seen."""
    mounted = system / "sys" / "fs" / "cgroup"
    for controllers, path in _groups(system):
        name = "memory.max" if controllers == "" else "memory.limit_in_bytes"
        roots = (mounted, mounted / "unified") if controllers == "" else (mounted / "memory",)
        for root in roots:
            # Inside a container the path may be that of the machine, while the root that is seen is the group itself.
            yield from (root / folder / name for folder in (path, *path.parents))


def _groups(system: Path) -> Iterator[tuple[str, Path]]:
    with suppress(OSError):
        for line in (system / "proc" / "self" / "cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers == "" or "memory" in controllers.split(","):
                yield controllers, Path(path.lstrip("/"))
