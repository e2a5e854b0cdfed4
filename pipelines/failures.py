"""Failures: the sensor that logs each failed run and tick of Dagster, for the console and for `doctor`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import dagster as dg
from dagster._core.scheduler.instigation import TickStatus
from dagster._core.storage.tags import PARTITION_NAME_TAG
from dagster_shared.error import SerializableErrorInfo

from lake.errors import DamagedLake, ForeignLake
from ledger.kernel.clock import system_clock
from ledger.kernel.errors import Unavailable
from ledger.kernel.operations import Operation, failures, note_failure, note_success
from ledger.kernel.settings import Settings
from pipelines.marts.zones import ZONE_TAG
from pipelines.orphaned_runs import fail_orphaned_runs

_LOOK_BACK: Final = timedelta(days=1)
"""Dagster makes up for a tick that it missed while it was down, under the instant of the missed tick."""

_OPERATIONS: Final[Mapping[str, Operation]] = {
    "refresh": Operation.BUILD,
    "insight_months_due": Operation.RELEASE,
    "refresh_schedule": Operation.BUILD,
    "resume_inter_book_transfers": Operation.CROSSINGS,
    "resume_inter_book_transfers_schedule": Operation.CROSSINGS,
    "exports_schedule": Operation.EXPORTS,
    "zero_check_schedule": Operation.ZERO_CHECK,
    "retention_schedule": Operation.RETENTION,
    "verification_schedule": Operation.VERIFICATION,
}
"""The operation of a job, schedule or sensor whose name differs from the operation's."""


_REFUSALS: Final = frozenset({DamagedLake.__name__, ForeignLake.__name__, Unavailable.__name__})


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed run or tick: its operation, time and reason."""

    name: str
    failed_at: datetime
    why: str


def failure_sensor(seconds: int) -> dg.SensorDefinition:
    """Return the sensor; it starts no runs."""

    @dg.sensor(
        name="failures",
        minimum_interval_seconds=seconds,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Logs each failed run and tick, which `cofferdam up` and `cofferdam doctor` report.",
    )
    def look(context: dg.SensorEvaluationContext, settings: dg.ResourceParam[Settings]) -> dg.SkipReason:
        fail_orphaned_runs(context.instance)
        noted = {name: at for name, at, _ in failures(settings)}
        fresh = []
        for each in sorted(failed_since(context.instance, system_clock() - _LOOK_BACK), key=lambda one: one.failed_at):
            if each.name not in noted or noted[each.name] < each.failed_at:
                note_failure(settings, each.name, each.why, clock=partial(_at, each))
                fresh.append(f"{each.name}: {each.why}")
        note_success(settings, Operation.SCHEDULES)
        return dg.SkipReason("; ".join(fresh) or "nothing else has failed")

    return look


def failed_since(instance: dg.DagsterInstance, since: datetime) -> Iterator[Failure]:
    """Yield every run and every tick that failed after an instant."""
    runs = instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], updated_after=since))
    for record in runs:
        run = record.dagster_run
        yield Failure(_named(run), record.update_timestamp.replace(tzinfo=UTC), _why(instance, run.run_id))
    for state in instance.all_instigator_state():
        ticks = instance.get_ticks(
            state.origin.get_id(), state.selector_id, after=since.timestamp(), statuses=[TickStatus.FAILURE]
        )
        for tick in ticks:
            name = _OPERATIONS.get(state.name, state.name)
            yield Failure(name, datetime.fromtimestamp(tick.timestamp, UTC), f"tick: {innermost(tick.error)}")


def innermost(error: SerializableErrorInfo | None) -> str:
    """Return the message of the root cause; for a refusal of ours, which says more, the refusal's own text."""
    while error is not None and error.cause is not None and error.cls_name not in _REFUSALS:
        error = error.cause
    return " ".join(error.message.split()) if error else "no error message"


def _at(failure: Failure) -> datetime:
    return failure.failed_at


def _named(run: dg.DagsterRun) -> str:
    """Return the run's operation, by its job; only releases have partitions."""
    if PARTITION_NAME_TAG in run.tags:
        return Operation.RELEASE
    name = _OPERATIONS.get(run.job_name, run.job_name.strip("_").lower())
    zone = run.tags.get(ZONE_TAG, "default")
    return name if name != Operation.BUILD or zone == "default" else f"{name}-{zone.lower()}"


def _why(instance: dg.DagsterInstance, run_id: str) -> str:
    steps = [
        f"{event.step_key}: {innermost(event.step_failure_data.error)}"
        for entry in instance.all_logs(run_id, dg.DagsterEventType.STEP_FAILURE)
        if (event := entry.dagster_event) is not None
    ]
    if not steps:
        ended = instance.all_logs(run_id, dg.DagsterEventType.RUN_FAILURE)
        steps = [entry.dagster_event.message or "" for entry in ended if entry.dagster_event is not None]
    return f"run {run_id[:8]}: {'; '.join(filter(None, steps)) or 'no error message'}"
