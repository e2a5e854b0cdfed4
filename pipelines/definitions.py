"""Dagster's definitions: joins all assets, checks, jobs, schedules and sensors."""

from collections.abc import Iterator, Mapping
from typing import Final

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from lake.residency.zones import Zones
from ledger.kernel.settings import Settings
from pipelines.catalogue import JOURNAL, catalogued, catalogued_spec
from pipelines.exports.jobs import EXPORT_JOBS, export_schedules
from pipelines.failures import failure_sensor
from pipelines.imports.assets import QUARANTINE_ASSETS, no_row_waits
from pipelines.insights.assets import INSIGHT_ASSETS, release_sensor
from pipelines.inter_book.jobs import INTER_BOOK_JOBS, inter_book_schedules
from pipelines.marts.assets import lake_snapshot, ledger_equals_lake, marts, sources, warehouse
from pipelines.marts.project import manifest
from pipelines.marts.zones import ZONE_TAG
from pipelines.resources import proven, resources
from pipelines.retention.jobs import RETENTION_JOBS, retention_schedules
from pipelines.run_logs import configure_code_server
from pipelines.silver.assets import SILVER_ASSETS, silver_is_near
from pipelines.stream.checks import bronze_is_in_order
from pipelines.timetable import Timetable
from pipelines.verification.jobs import VERIFICATION_JOBS, verification_schedules

REFRESH: Final = "refresh"
"""The job that brings the marts up to date; if any step fails, nothing is published."""


@dg.definitions
def defs() -> dg.Definitions:
    """Return the definitions for the settings of this process, for the code server."""
    settings = Settings.from_process()
    configure_code_server(settings)
    return definitions(settings, resources(settings))


def definitions(
    settings: Settings, provided: Mapping[str, object], timetable: Timetable | None = None
) -> dg.Definitions:
    """Join every asset, check, job, schedule and sensor with the resources in `provided`. Raises `BrokenProject`."""
    times = timetable or Timetable()
    models = marts(manifest(settings))
    published = warehouse(models, manifest(settings))
    refresh = dg.define_asset_job(
        REFRESH,
        selection=dg.AssetSelection.assets(lake_snapshot, sources, models, published)
        | dg.AssetSelection.checks(silver_is_near, bronze_is_in_order, no_row_waits),
        description="Pins the lake, checks it against the ledger, builds and tests the marts, publishes them.",
    )
    zones = provided["zones"]
    assert isinstance(zones, Zones)
    schedules = [inter_book_schedules(times), retention_schedules(times), verification_schedules(times)]
    schedules.append(export_schedules(times))
    defined = [lake_snapshot, sources, models, published, *INSIGHT_ASSETS]
    specs = [*SILVER_ASSETS, *QUARANTINE_ASSETS, JOURNAL]
    return dg.Definitions(
        assets=[*map(catalogued, defined), *map(catalogued_spec, specs)],
        asset_checks=[ledger_equals_lake, silver_is_near, bronze_is_in_order, no_row_waits],
        jobs=[refresh, *INTER_BOOK_JOBS, *RETENTION_JOBS, *VERIFICATION_JOBS, *EXPORT_JOBS],
        schedules=[_build_schedule(refresh, zones, times), *(each for group in schedules for each in group)],
        sensors=[release_sensor(times.release_seconds), failure_sensor(times.failures_seconds)],
        resources={name: proven(settings, value) for name, value in provided.items()},
        executor=dg.in_process_executor,
    )


def _build_schedule(job: UnresolvedAssetJobDefinition, zones: Zones, timetable: Timetable) -> dg.ScheduleDefinition:
    """Start one run per zone and tick; the run key contains the tick, since Dagster runs a key only once."""

    @dg.schedule(
        name="refresh_schedule",
        job=job,
        cron_schedule=timetable.build,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    def due(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        for zone in zones:
            key = f"{zone.name} {context.scheduled_execution_time.isoformat()}"
            yield dg.RunRequest(run_key=key, tags={ZONE_TAG: zone.name})

    return due
