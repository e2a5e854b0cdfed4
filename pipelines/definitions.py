"""Definitions: all that Dagster knows of us."""

from collections.abc import Mapping
from typing import Final

import dagster as dg

from lake.zones import Zones
from ledger.kernel.settings import Settings
from pipelines.crossings.jobs import CROSSING_JOBS, CROSSING_SCHEDULES
from pipelines.imports.assets import QUARANTINE_ASSETS, no_row_waits
from pipelines.insights.assets import INSIGHT_ASSETS, INSIGHT_SENSORS
from pipelines.marts.assets import lake_snapshot, ledger_equals_lake, marts, sources, warehouse
from pipelines.marts.project import manifest
from pipelines.marts.zones import ZONE_TAG
from pipelines.resources import resources
from pipelines.retention.jobs import RETENTION_JOBS, RETENTION_SCHEDULES
from pipelines.silver.assets import SILVER_ASSETS, silver_is_near
from pipelines.stream.checks import bronze_is_in_order

REFRESH: Final = "refresh"
"""The job that brings the marts up to date, whole or not at all."""


@dg.definitions
def defs() -> dg.Definitions:
    """What the code server of this process's settings serves."""
    settings = Settings.from_process()
    return definitions(settings, resources(settings))


def definitions(settings: Settings, provided: Mapping[str, object]) -> dg.Definitions:
    """Every asset, check, job, schedule and sensor, with the resources `provided`. Raises `BrokenProject`."""
    models = marts(manifest(settings))
    published = warehouse(models)
    refresh = dg.define_asset_job(
        REFRESH,
        selection=dg.AssetSelection.assets(lake_snapshot, sources, models, published)
        | dg.AssetSelection.checks(silver_is_near, bronze_is_in_order, no_row_waits),
        executor_def=dg.in_process_executor,
        description="Pins the lake, checks it against the ledger, builds and tests the marts, publishes them.",
    )
    zones = provided["zones"]
    assert isinstance(zones, Zones)
    quarterly = dg.ScheduleDefinition(
        name="every_quarter_of_an_hour",
        job=refresh,
        cron_schedule="*/15 * * * *",
        execution_fn=lambda _context: [dg.RunRequest(run_key=zone.name, tags={ZONE_TAG: zone.name}) for zone in zones],
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    return dg.Definitions(
        assets=[lake_snapshot, sources, models, published, *INSIGHT_ASSETS, *SILVER_ASSETS, *QUARANTINE_ASSETS],
        asset_checks=[ledger_equals_lake, silver_is_near, bronze_is_in_order, no_row_waits],
        jobs=[refresh, *CROSSING_JOBS, *RETENTION_JOBS],
        schedules=[quarterly, *CROSSING_SCHEDULES, *RETENTION_SCHEDULES],
        sensors=INSIGHT_SENSORS,
        resources=dict(provided),
    )
