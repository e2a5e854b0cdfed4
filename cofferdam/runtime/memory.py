"""The memory that this process may use, limited by the machine or by its container."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil


def memory_bytes(system: Path = Path("/")) -> int:
    """Return the usable memory: that of the machine, or the lowest limit of a control group of this process.

    `system` is the folder with `proc` and `sys`. Control groups of both versions are read, with their parents.
    """
    return min(_limits(system))


def _limits(system: Path) -> Iterator[int]:
    for file in _limit_files(system):
        with suppress(OSError, ValueError):  # no such group here, or its limit is "max"
            yield int(file.read_text())
    yield int(psutil.virtual_memory().total)


def _limit_files(system: Path) -> Iterator[Path]:
    """Yield the limit files of each group of this process and of its parents, up to the visible root."""
    mounted = system / "sys" / "fs" / "cgroup"
    for controllers, path in _groups(system):
        name = "memory.max" if controllers == "" else "memory.limit_in_bytes"
        roots = (mounted, mounted / "unified") if controllers == "" else (mounted / "memory",)
        for root in roots:
            # Inside a container the path may be that of the machine, while the visible root is the group itself.
            yield from (root / folder / name for folder in (path, *path.parents))


def _groups(system: Path) -> Iterator[tuple[str, Path]]:
    with suppress(OSError):
        for line in (system / "proc" / "self" / "cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers == "" or "memory" in controllers.split(","):
                yield controllers, Path(path.lstrip("/"))
