"""The orphan reaper: a tiny process that ends the process groups of a killed supervisor, on Linux and macOS alike.

It reads `+GROUP` and `-GROUP` lines on its standard input, whose other end only the supervisor holds. When that end
closes, for any reason, it ends the remaining groups. It runs as `python -m cofferdam.runtime.orphan_reaper`.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

GRACE_SECONDS: Final = 10
"""Seconds that an orphaned group gets to end by itself."""


def hold(lines: Iterable[str]) -> None:
    """Track the groups that the lines add and remove; when the lines end, end the remaining groups."""
    groups: set[int] = set()
    for line in lines:
        (groups.add if line.startswith("+") else groups.discard)(int(line[1:]))
    deadline = time.monotonic() + GRACE_SECONDS
    signal_groups(groups, signal.SIGTERM)
    while time.monotonic() < deadline and any(group_lives(group) for group in groups):
        time.sleep(0.05)
    signal_groups(groups, signal.SIGKILL)


def signal_groups(groups: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to every process of the groups; groups that have ended are skipped."""
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)


def group_lives(group: int) -> bool:
    """Return whether a process of the group is left."""
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    hold(sys.stdin)
