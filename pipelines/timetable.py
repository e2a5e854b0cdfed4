"""The timetable: how often Dagster starts each job, in UTC, and how often each sensor looks."""

from dataclasses import dataclass

import dagster as dg


@dataclass(frozen=True, slots=True)
class Timetable:
    """Cron expressions of the schedules, off the quarters of an hour of the build; seconds between looks of sensors."""

    build: str = "*/15 * * * *"
    crossings: str = "5 * * * *"
    zero_check: str = "20 2 * * *"
    retention: str = "40 2 * * *"
    verification: str = "20 3 * * *"
    release_seconds: int = 300
    failures_seconds: int = 30


def schedule(name: str, job: dg.JobDefinition, cron: str) -> dg.ScheduleDefinition:
    """Start a job by a cron expression, from the first day on."""
    return dg.ScheduleDefinition(
        name=name, job=job, cron_schedule=cron, default_status=dg.DefaultScheduleStatus.RUNNING
    )
