"""The timetable: the cron schedules of Dagster's jobs, in UTC, and the intervals of its sensors."""

from dataclasses import dataclass

import dagster as dg


@dataclass(frozen=True, slots=True)
class Timetable:
    """Cron expressions of the schedules, which avoid the quarter hours of the build; seconds between sensor ticks."""

    build: str = "*/15 * * * *"
    crossings: str = "5 * * * *"
    zero_check: str = "20 2 * * *"
    retention: str = "40 2 * * *"
    verification: str = "20 3 * * *"
    exports: str = "50 * * * *"
    release_seconds: int = 300
    failures_seconds: int = 30


def schedule(name: str, job: dg.JobDefinition, cron: str) -> dg.ScheduleDefinition:
    """Return a schedule of the job by a cron expression, running from the first day on."""
    return dg.ScheduleDefinition(
        name=name, job=job, cron_schedule=cron, default_status=dg.DefaultScheduleStatus.RUNNING
    )
