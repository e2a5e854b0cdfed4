"""Runs: reads the Dagster run that built a warehouse, if Dagster's storage still has it."""

from dataclasses import dataclass
from datetime import UTC, datetime

import dagster as dg

from ledger.kernel.settings import Settings


@dataclass(frozen=True, slots=True)
class Run:
    """A run of Dagster: its status, start and end, the time of the materialization, and its metadata.

    `metadata` are the texts and numbers of that materialization, dbt's invocation among them.
    """

    run_id: str
    status: str
    started_at: datetime | None
    ended_at: datetime | None
    materialized_at: datetime | None
    metadata: dict[str, str | int | float]


def run_of(settings: Settings, run_id: str, asset: str) -> Run | None:
    """Return the run; None if Dagster's storage is absent, or no longer has it."""
    if not (settings.dagster_home / "dagster.yaml").exists():
        return None
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        record = instance.get_run_record_by_id(run_id)
        if record is None:
            return None
        made = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION).records
    newest = max((each for each in made if each.asset_key == dg.AssetKey([asset])), key=_second, default=None)
    said = newest.asset_materialization.metadata if newest and newest.asset_materialization else {}
    return Run(
        run_id=run_id,
        status=record.dagster_run.status.value,
        started_at=_instant(record.start_time),
        ended_at=_instant(record.end_time),
        materialized_at=_instant(newest and newest.timestamp),
        metadata={name: each.value for name, each in said.items() if isinstance(each.value, str | int | float)},
    )


def _second(record: dg.EventLogRecord) -> float:
    return record.timestamp


def _instant(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
