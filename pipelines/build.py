"""The build: runs the job `refresh` in this process, then releases due insights; Dagster's web UI shows both."""

from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import Any, Final

import dagster as dg

from lake.residency.zones import Zone, Zones
from ledger.kernel.errors import Refusal
from ledger.kernel.ids import new_id
from ledger.kernel.settings import Settings
from pipelines.definitions import REFRESH, definitions
from pipelines.failures import innermost
from pipelines.insights.assets import materialize_due
from pipelines.installation import claim
from pipelines.marts.assets import SNAPSHOT_KEY
from pipelines.marts.snapshot import AWAY
from pipelines.marts.zones import ZONE_TAG
from pipelines.resources import held_resources
from pipelines.workspace import prepare_instance

_QUIET: Final = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

Progress = Callable[[str], Any]
"""Receives a short description of the current step."""


class BuildFailed(Refusal):
    """A check, a test or a model failed; the warehouse is unchanged. The text names each failure."""

    code = "build_failed"


@dataclass(frozen=True, slots=True)
class BuildReport:
    """The result of a build: the position of each book in the marts, the released months, the unreachable servers."""

    positions: dict[str, int]
    released: list[str]
    away: str = ""

    def __str__(self) -> str:
        books = ", ".join(f"{name} at position {seq}" for name, seq in self.positions.items())
        months = f"; released {', '.join(self.released)}" if self.released else ""
        away = f"; {self.away}: its books stay where they were" if self.away else ""
        return f"the marts are up to date: {books or 'no book has a fact yet'}{months}{away}"


def build(settings: Settings, *, progress: Progress) -> BuildReport:
    """Bring the marts of every zone up to date, then the releases of insights.

    Raises `BuildFailed` if a check, a test or a model fails, and the errors of a release.
    """
    prepare_instance(settings.dagster_home)
    claim(settings)
    progress("reading the models")
    with held_resources(settings) as provided, dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        job = definitions(settings, provided).resolve_job_def(REFRESH)
        said: dict[str, str] = {}
        for zone in Zones.of(settings):
            said |= _refresh(job, instance, progress, zone)
        progress("releasing the insights that are due")
        released = materialize_due(instance, provided)
    away = said.pop(AWAY, "")
    return BuildReport({name: int(position) for name, position in said.items()}, released, away)


def _refresh(job: dg.JobDefinition, instance: dg.DagsterInstance, progress: Progress, zone: Zone) -> dict[str, str]:
    """Run the job on a zone; return its snapshot's metadata: each book's position, and the unreachable servers."""
    run_id = str(new_id())
    instance.add_event_listener(run_id, lambda entry: _tell(entry, progress))
    with redirect_stdout(StringIO()):  # dbt's output is in the run's log, and in dbt's own
        result = job.execute_in_process(
            _QUIET, instance, raise_on_error=False, run_id=run_id, tags={ZONE_TAG: zone.name}
        )
    if not result.success:
        raise BuildFailed(f"{'; '.join(_failures(result))}; the warehouse{_named(zone)} is as it was")
    (snapshot,) = result.asset_materializations_for_node(SNAPSHOT_KEY.to_python_identifier())
    return {name: str(said.value) for name, said in snapshot.metadata.items()}


def _named(zone: Zone) -> str:
    return f" of zone {zone.name}" if zone.settings.zone else ""


def _tell(entry: dg.EventLogEntry, progress: Progress) -> None:
    event = entry.dagster_event
    if event is not None and event.is_step_materialization and event.asset_key is not None:
        progress(f"built {event.asset_key.to_user_string()}")


def _failures(result: dg.ExecuteInProcessResult) -> Iterator[str]:
    """Yield each failed check with its finding; if there is none, each failed step with its error."""
    failed = [check for check in result.get_asset_check_evaluations() if not check.passed]
    for check in failed:
        found = check.description or "it found rows that should not be"
        yield f"check {check.check_name} of {check.asset_key.to_user_string()} failed: {found}"
    if not failed:
        for event in result.all_events:
            if event.is_step_failure:
                error = event.step_failure_data.error
                yield f"{event.step_key} failed: {innermost(error)}"
