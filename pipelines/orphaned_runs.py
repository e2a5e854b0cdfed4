"""Orphaned runs: runs that Dagster counts as running although their process was killed together with its parent."""

import os
from contextlib import suppress
from typing import Final

import dagster as dg

_PID: Final = "pid"
"""The name under which Dagster notes the process of a run in its events."""


def fail_orphaned_runs(instance: dg.DagsterInstance) -> list[str]:
    """Mark each running run as failed whose process is gone, and return the ids of these runs.

    Dagster's code server does so for its own children; this finds those whose code server was killed as well.
    """
    started = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    orphaned = [run for run in started if (pid := _pid_of(instance, run.run_id)) is not None and not _lives(pid)]
    for run in orphaned:
        instance.report_run_failed(run, "its process was killed; nothing was published: launch the run again")
    return [run.run_id for run in orphaned]


def _pid_of(instance: dg.DagsterInstance, run_id: str) -> int | None:
    """Return the process that executes a run, which its newest event with a process names."""
    pid = None
    for entry in instance.all_logs(run_id, dg.DagsterEventType.ENGINE_EVENT):
        event = entry.dagster_event
        noted = event.engine_event_data.metadata.get(_PID) if event is not None else None
        if noted is not None and str(noted.value).isdecimal():
            pid = int(str(noted.value))
    return pid


def _lives(pid: int) -> bool:
    with suppress(PermissionError):  # it lives, and is another user's
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True
