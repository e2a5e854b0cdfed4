"""The memory that may be used is the container's where it has a limit, in control groups of both versions."""

from pathlib import Path

import psutil
import pytest

from cofferdam.runtime.memory import memory_bytes

MACHINE = psutil.virtual_memory().total


def system(root: Path, groups: str, limits: dict[str, str]) -> Path:
    files = {"proc/self/cgroup": groups, **{f"sys/fs/cgroup/{name}": text for name, text in limits.items()}}
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text + "\n")
    return root


@pytest.mark.parametrize(
    ("groups", "limits", "wanted"),
    [
        ("0::/", {"memory.max": "536870912"}, 512 << 20),
        ("0::/a/b", {"a/b/memory.max": "max", "a/memory.max": "268435456"}, 256 << 20),
        ("0::/not/seen/here", {"memory.max": "536870912"}, 512 << 20),
        ("4:memory:/a\n0::/", {"memory/a/memory.limit_in_bytes": "536870912"}, 512 << 20),
        ("4:cpu,memory:/docker/x", {"memory/memory.limit_in_bytes": "536870912"}, 512 << 20),
        ("4:memory:/a", {"memory/a/memory.limit_in_bytes": "9223372036854771712"}, MACHINE),
        ("0::/", {"memory.max": "max"}, MACHINE),
        ("0::/", {}, MACHINE),
    ],
)
def test_the_least_limit_around_a_process_is_its_memory(
    tmp_path: Path, groups: str, limits: dict[str, str], wanted: int
):
    assert memory_bytes(system(tmp_path, groups, limits)) == wanted


def test_where_nothing_is_known_of_limits_it_is_the_machines(tmp_path: Path):
    assert memory_bytes(tmp_path) == MACHINE
